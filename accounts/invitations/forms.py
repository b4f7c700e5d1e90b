from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.invitations import people_file
from accounts.invitations.people_file import Line, UnreadableFile
from accounts.invitations.services import Person
from accounts.models import User


class InviteForm(forms.Form):
    """One or many addresses; `lines` has them checked, and is one nameless person if there are none."""

    people = forms.CharField(
        label=_("E-mail addresses or usernames"),
        required=False,
        max_length=people_file.MAX_BYTES,
        widget=forms.Textarea({"rows": 6, "cols": 60}),
        help_text=_("One a line. Empty: one link with which somebody chooses their own name."),
    )
    language = forms.ChoiceField(label=_("Language of the mail"), choices=settings.LANGUAGES)

    def clean(self) -> dict[str, Any]:
        cleaned = dict(super().clean() or {})
        names = enumerate(map(str.strip, cleaned.get("people", "").splitlines()), 1)
        people = [(number, self._person(name)) for number, name in names if name]
        self.lines = [Line(number, person) for number, person in people]
        try:
            self.lines = people_file.check_lines(self.lines) or [Line(1, Person(language=cleaned.get("language", "")))]
        except UnreadableFile as error:
            raise forms.ValidationError({"people": str(error)}) from error
        faults = [f"{line.person.username}: {line.problem}" for line in self.lines if line.problem]
        if faults:
            raise forms.ValidationError({"people": faults})
        return cleaned

    def _person(self, name: str) -> Person:
        email = name if "@" in name else ""
        return Person(User.normalize_username(name), email, language=self.cleaned_data.get("language", ""))


class UploadForm(forms.Form):
    """A file of people; `text` has its text and `lines` what is in it, checked."""

    file = forms.FileField(
        label=_("CSV file"),
        help_text=_(
            "As a spreadsheet saves it. Its first line names the columns: username or email, and if you like "
            "first name, last name, language (en, ko)."
        ),
        widget=forms.FileInput({"accept": ".csv,.txt,text/csv"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        try:
            self.text = people_file.read_text(file.read(people_file.MAX_BYTES + 1))
            self.lines = people_file.check_text(self.text)
        except UnreadableFile as error:
            raise forms.ValidationError(str(error)) from error
        return file
