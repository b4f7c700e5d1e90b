/** In a meeting, alarms are silent: by a switch, and by itself while another application holds the camera. */

/** @typedef {import("./situation.js").Snapshot} Snapshot */

/** The engine's reasons for which the camera is somebody else's. Browsers tell nothing about the microphone. */
const TAKEN = new Set(["in_use", "muted"]);

/** @param {Snapshot} snapshot */
export const isInMeeting = ({ session }) => session?.snoozed?.some(({ reason }) => reason === "meeting") ?? false;

export class Meeting {
  /** @param {{setMeeting: (isInMeeting: boolean) => unknown}} answers */
  constructor(answers) {
    this.answers = answers;
    this.hasBegunByItself = false; // one that the user has begun ends when the user ends it
  }

  /** @param {Snapshot} snapshot */
  update(snapshot) {
    if (snapshot.role !== "leading" || !snapshot.session) return;
    const { isOn, reason } = snapshot.camera;
    const isTaken = TAKEN.has(reason ?? "");
    if (isTaken && !this.hasBegunByItself && !isInMeeting(snapshot)) this.#set(true);
    if (isOn && !isTaken && this.hasBegunByItself) this.#set(false);
  }

  #set(isInMeeting) {
    this.hasBegunByItself = isInMeeting;
    this.answers.setMeeting(isInMeeting);
  }
}
