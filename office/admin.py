from django.contrib import admin

from accounts.models import User
from office.people import PeopleAdmin

admin.site.register(User, PeopleAdmin)
