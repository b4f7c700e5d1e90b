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
    : t("Pictures are stored until you delete them.");
  return panel.add(
    toggle(t("Store the pictures of my sessions"), archive.archive_frames, save),
    h("p", { class: "hint" }, retention, " ", t("Sessions work the same without them.")),
    h(
      "p",
      { class: "actions" },
      button(t("Delete stored pictures"), () => deleteFrames(panel), "danger"),
    ),
    h("h3", {}, t("Your face")),
    h("p", { class: "hint" }, t("It keeps others out of your statistics. It is no login: a photograph of you passes.")),
    ...faceState(panel, face),
  ).element;
}

async function deleteFrames(panel) {
  const isSure = await confirmAction(
    t("Delete all pictures?"),
    t("They cannot be restored. Your reports are not affected."),
    t("Delete"),
  );
  if (!isSure) return;
  await panel.run(async () => {
    const { deleted, pending } = await call("DELETE", "accounts/frames/");
    if (pending) return t("Some pictures will be deleted a little later, because the archive is unavailable.");
    return tn("{count} picture was deleted.", "{count} pictures were deleted.", deleted);
  });
}

/** @param {Panel} panel */
function faceState(panel, face) {
  if (!face.enrolled) return [h("p", {}, t("No face has been learned yet. Your first calibration does that."))];
  const state = h(
    "p",
    {},
    t("Learned from {count} pictures, the last on {time}. Only numbers are stored, and they are encrypted.", {
      count: face.frame_count,
      time: dateAndTime(face.updated_at),
    }),
  );
  const deleteButton = button(
    t("Delete my face data"),
    async () => {
      const isSure = await confirmAction(
        t("Delete your face data?"),
        t("It is learned again during your next calibration."),
        t("Delete"),
      );
      if (!isSure) return;
      const isDone = await panel.run(async () => {
        await call("DELETE", "accounts/face/");
        return t("Your face data was deleted.");
      });
      if (isDone) actions.replaceWith(...faceState(panel, { enrolled: false }));
      if (isDone) state.remove();
    },
    "danger",
  );
  const actions = h("p", { class: "actions" }, deleteButton);
  return [state, actions];
}
