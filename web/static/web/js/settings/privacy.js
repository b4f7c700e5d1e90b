/** The user's stored pictures and learned face. */

import { call } from "../api.js";
import { confirmAction } from "../dialog.js";
import { h } from "../dom.js";
import { dateAndTime, t, tn } from "../i18n.js";
import { Panel, button, toggle } from "./controls.js";

/** @param {{archive_frames: boolean, retention_days: number}} archive @param {any} face */
export function privacyPanel(archive, face) {
  const panel = new Panel(t("Privacy"));
  const save = (/** @type {boolean} */ isOn) =>
    panel.run(async () => void (await call("PUT", "accounts/archive/", { archive_frames: isOn })));
  const days = archive.retention_days;
  const retention = days
    ? tn("Each picture is deleted after {count} day.", "Each picture is deleted after {count} days.", days)
    : t("They stay until you delete them.");
  return panel.add(
    toggle(t("Keep the pictures of my sessions"), archive.archive_frames, save),
    h("p", { class: "hint" }, retention, " ", t("Sessions work the same without.")),
    h(
      "p",
      { class: "actions" },
      button(t("Delete the pictures kept so far"), () => deleteFrames(panel), "danger"),
    ),
    h("h3", {}, t("Your face")),
    ...faceState(panel, face),
  ).element;
}

async function deleteFrames(panel) {
  const isSure = await confirmAction(
    t("Delete all pictures?"),
    t("None of them can be brought back. Reports stay."),
    t("Delete"),
  );
  if (!isSure) return;
  await panel.run(async () => {
    const { deleted, pending } = await call("DELETE", "accounts/frames/");
    if (pending) return t("Some are deleted a little later: the archive is away.");
    return tn("{count} picture was deleted.", "{count} pictures were deleted.", deleted);
  });
}

/** @param {Panel} panel */
function faceState(panel, face) {
  if (!face.enrolled) return [h("p", {}, t("No face is learned yet. The first calibration does it."))];
  const state = h(
    "p",
    {},
    t("Learned from {count} pictures, last on {time}. Only numbers are kept, encrypted.", {
      count: face.frame_count,
      time: dateAndTime(face.updated_at),
    }),
  );
  const deleteButton = button(
    t("Forget my face"),
    async () => {
      const isSure = await confirmAction(
        t("Forget your face?"),
        t("The next calibration learns it anew."),
        t("Forget"),
      );
      if (!isSure) return;
      const isDone = await panel.run(async () => {
        await call("DELETE", "accounts/face/");
        return t("Your face is forgotten.");
      });
      if (isDone) actions.replaceWith(...faceState(panel, { enrolled: false }));
      if (isDone) state.remove();
    },
    "danger",
  );
  const actions = h("p", { class: "actions" }, deleteButton);
  return [state, actions];
}
