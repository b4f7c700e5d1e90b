/** The weekly goal, which only the person sets: this week's share beside it, and a quiet streak. Nobody is compared. */

import { call } from "../api.js";
import { draw, h } from "../dom.js";
import { errorMessage } from "../errors.js";
import { percent, t, tn } from "../i18n.js";

/**
 * @typedef {object} Standing
 * @property {number | null} good_share the goal
 * @property {{good_share: number | null, is_reached: boolean}} this_week
 * @property {number | null} median_good_share of the weeks before
 * @property {number} streak_weeks
 */

const [MIN, MAX, STEP] = [10, 100, 5];
const USUAL = 80; // offered to somebody without weeks of their own

export class GoalPanel {
  /** @param {Standing} standing */
  constructor(standing) {
    this.input = h("input", { type: "number", id: "goal", min: MIN, max: MAX, step: 1, required: true });
    this.submit = h("button", { type: "submit", class: "button" });
    this.clear = h("button", { type: "button", class: "button quiet", onclick: () => this.#save(null) }, t("Remove goal"));
    this.progress = h("div");
    this.message = h("p", { class: "goal-message", role: "status" });
    this.form = h(
      "form",
      { class: "goal-form", onsubmit: (/** @type {Event} */ event) => this.#submit(event) },
      h("label", { for: "goal" }, t("Share of good posture in a week")),
      h("span", { class: "goal-input" }, this.input, h("span", { "aria-hidden": "true" }, "%")),
      this.submit,
      this.clear,
    );
    this.element = h(
      "section",
      { class: "panel goal" },
      h("h2", {}, t("Your goal for the week")),
      this.progress,
      this.form,
      this.message,
    );
    this.#show(standing);
  }

  /** @param {Standing} standing */
  #show(standing) {
    const { good_share: goal, median_good_share: usual } = standing;
    this.goal = goal;
    this.input.value = String(Math.round(100 * (goal ?? offered(usual))));
    this.submit.textContent = goal === null ? t("Set goal") : t("Change");
    this.clear.hidden = goal === null;
    this.progress.replaceChildren(...(goal === null ? invitation(usual) : progress(goal, standing)));
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault();
    this.#save(this.input.valueAsNumber / 100);
  }

  /** @param {number | null} goal @param {boolean} [isUndo] */
  async #save(goal, isUndo = false) {
    const before = this.goal ?? null;
    try {
      this.#show(await call("PUT", "reports/goal/", { good_share: goal }));
      const undo = h("button", { type: "button", class: "button small", onclick: () => this.#save(before, true) }, t("Undo"));
      const text = goal === null ? t("The goal was removed.") : t("Saved.");
      this.message.replaceChildren(text, " ", ...(isUndo || goal === before ? [] : [undo]));
      if (isUndo || goal === null) this.input.focus(); // the button is gone
    } catch (error) {
      this.message.replaceChildren(errorMessage(error));
    }
  }
}

/** @param {number | null} usual @returns {number} the next whole step above the person's own weeks */
function offered(usual) {
  const share = usual === null ? USUAL : STEP * Math.ceil((100 * usual) / STEP);
  return Math.min(MAX, Math.max(MIN, share)) / 100;
}

/** @param {number | null} usual */
function invitation(usual) {
  const text = t("Decide for yourself how much of your time at the desk you want to sit well. Nobody else sees it.");
  const own = usual === null ? "" : t("In a usual week you reach {percent}.", { percent: percent(usual) });
  return [h("p", {}, text), own && h("p", { class: "hint" }, own)].filter(Boolean);
}

/** @param {number} goal @param {Standing} standing */
function progress(goal, { this_week: { good_share: share, is_reached }, median_good_share: usual, streak_weeks: streak }) {
  const values = { percent: percent(share ?? 0), goal: percent(goal) };
  const state =
    share === null
      ? t("Your goal is {goal}. This week has too little time at the desk to tell.", values)
      : is_reached
        ? t("{percent} this week: your goal of {goal} is reached so far.", values)
        : t("{percent} this week. Your goal is {goal}.", values);
  const own = [
    usual !== null && t("In a usual week you reach {percent}.", { percent: percent(usual) }),
    streak > 0 && tn("Reached last week.", "Reached {count} weeks in a row.", streak),
  ].filter(Boolean);
  return [h("p", { class: "goal-state" }, state), meter(share ?? 0, goal), h("p", { class: "hint" }, own.join(" "))];
}

/** @param {number} share @param {number} goal */
function meter(share, goal) {
  return draw(
    "svg",
    { class: "goal-meter", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
    draw("rect", { class: "strip-hour", width: 100, height: 10 }),
    draw("rect", { class: share >= goal ? "strip-good" : "goal-share", width: 100 * share, height: 10 }),
    draw("rect", { class: "goal-mark", x: 100 * goal - 0.4, width: 0.8, height: 10 }),
  );
}
