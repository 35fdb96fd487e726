// The demo's clock at the top: shows the district's time, turns forward.

import { make, settle } from "./dom.js";
import { say } from "./i18n.js";
import * as server from "./server.js";
import { clockTime, dateWithWeekday, fieldValue, fromField, nextAt, wall, year } from "./time.js";

const SVG = "http://www.w3.org/2000/svg";
const HOUR = 3600;

export class Clock {
  #turning = false;

  /** page: {language(), notice(text)} */
  constructor(demo, page) {
    Object.assign(this, { demo, page });
    this.hands = [hand("hour", 7), hand("minute", 10)];
    this.words = make("div", { class: "reading", role: "timer" });
    this.face = make("button", { type: "button", class: "now", "aria-expanded": "false", on: { click: () => this.#open() } }, dial(this.hands), this.words);
    this.turns = make("div", { class: "turns", role: "group" });
    this.element = make("section", { class: "clock", data: { clock: "" } }, this.face, this.turns);
    document.addEventListener("click", ({ target }) => !this.element.contains(target) && this.#open(false));
    this.relabel();
  }

  relabel() {
    const language = this.page.language();
    this.element.setAttribute("aria-label", say(language, "clock"));
    this.turns.setAttribute("aria-label", say(language, "turn_clock"));
    this.face.title = say(language, "turn_clock");
    settle(this.turns, [
      this.#button("hour", { turn: HOUR }, () => server.turnBy(HOUR)),
      this.#button("day", { turn: 24 * HOUR }, () => server.turnBy(24 * HOUR)),
      this.#button("morning", { turn: "09:00" }, () => server.turnTo(nextAt(9, this.demo.now, this.demo.timeZone))),
      this.#moment(language),
    ]);
    this.draw();
  }

  #button(key, data, turn) {
    return make("button", { type: "button", text: say(this.page.language(), key), data, on: { click: () => this.turn(turn) } });
  }

  #moment(language) {
    this.field = make("input", { type: "datetime-local", required: true, "aria-label": say(language, "to_when"), data: { turnField: "" } });
    const form = make("form", { class: "drop", on: { submit: (event) => this.#toMoment(event) } },
      make("label", {}, make("span", { text: say(language, "to_when") }), this.field),
      make("button", { class: "primary", text: say(language, "turn"), data: { turnTo: "" } }));
    const fill = () => { this.field.value = this.field.min = fieldValue(this.demo.now, this.demo.timeZone); };
    return make("details", { class: "moment" }, make("summary", { text: say(language, "to"), on: { click: fill } }), form);
  }

  #toMoment(event) {
    event.preventDefault();
    const moment = fromField(this.field.value, this.demo.timeZone);
    event.target.closest("details").open = false;
    this.turn(() => server.turnTo(moment));
  }

  #open(open = this.face.getAttribute("aria-expanded") !== "true") {
    this.face.setAttribute("aria-expanded", String(open));
    this.element.classList.toggle("open", open);
    if (!open) this.element.querySelector("details")?.removeAttribute("open");
  }

  async turn(call) {
    if (this.#turning) return;
    this.#setTurning(true);
    try {
      await call();
    } catch (error) {
      this.page.notice(say(this.page.language(), "clock_failed", { error: server.reason(error, this.page.language()) }));
    } finally {
      this.#setTurning(false);
    }
  }

  #setTurning(turning) {
    this.#turning = turning;
    this.element.setAttribute("aria-busy", String(turning));
    this.element.classList.toggle("turning", turning);
    for (const button of this.turns.querySelectorAll("button, input")) button.disabled = turning;
    this.draw();
  }

  draw() {
    const { now, timeZone } = this.demo;
    const language = this.page.language();
    const { hour, minute } = wall(now, timeZone);
    this.hands[0].style.transform = `rotate(${(hour % 12) * 30 + minute / 2}deg)`;
    this.hands[1].style.transform = `rotate(${minute * 6}deg)`;
    const under = this.#turning ? say(language, "turning") : `${year(now, timeZone, language)} · ${timeZone.replace("_", " ")}`;
    settle(this.words, [
      make("strong", {}, make("span", { class: "date", text: dateWithWeekday(now, timeZone, language) }), make("time", { datetime: now.toISOString(), text: clockTime(now, timeZone) })),
      make("small", { text: under }),
    ]);
  }
}

function shape(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

const hand = (name, length) => shape("path", { class: `hand ${name}`, d: `M16 16V${16 - length}` });

function dial(hands) {
  const svg = shape("svg", { viewBox: "0 0 32 32", class: "dial", "aria-hidden": "true" });
  svg.append(shape("circle", { class: "rim", cx: 16, cy: 16, r: 14 }), ...hands, shape("circle", { class: "pin", cx: 16, cy: 16, r: 1.6 }));
  return svg;
}
