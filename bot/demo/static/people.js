// Whose phones are shown: all that fit side by side, and tabs to pick the others.

import { make, settle } from "./dom.js";
import { say } from "./i18n.js";

const PHONE_WIDTH = 308;
const SINGLE_BELOW = 760;
const MOST = 4;

export class People {
  shown = [];
  #tabs = new Map();

  /** page: {language(), phones() -> Map<id, Phone>, first}; `first` is the phone asked for in the address. */
  constructor(demo, element, page) {
    Object.assign(this, { demo, element, page });
    this.recent = page.first ? [page.first] : [];
  }

  slots() {
    if (window.innerWidth < SINGLE_BELOW) return 1;
    return Math.max(2, Math.min(MOST, Math.floor((window.innerWidth - 40) / PHONE_WIDTH)));
  }

  /** Shows this phone, in the place of the one that has not been used for longest. */
  pick(userId) {
    this.used(userId);
    this.arrange();
    const phone = this.page.phones().get(userId);
    phone.element.classList.remove("picked");
    requestAnimationFrame(() => phone.element.classList.add("picked"));
  }

  used(userId) { this.recent = [userId, ...this.recent.filter((id) => id !== userId)]; }

  arrange() {
    const all = [...this.demo.phones.keys()];
    const order = [...this.recent.filter((id) => this.demo.phones.has(id)), ...this.shown, ...all];
    this.shown = [...new Set(order.filter((id) => this.demo.phones.has(id)))].slice(0, this.slots());
    for (const [id, phone] of this.page.phones()) phone.element.hidden = !this.shown.includes(id);
    document.body.style.setProperty("--shown", String(this.shown.length));
    document.body.classList.toggle("single", this.slots() === 1);
    this.draw();
  }

  draw() {
    for (const id of this.shown) if (!document.hidden) this.demo.seen(id);
    const language = this.page.language();
    const all = [...this.demo.phones.values()];
    this.element.hidden = all.length <= this.shown.length;
    this.element.setAttribute("aria-label", say(language, "phones"));
    settle(this.element, all.map((phone) => this.#tab(phone, language)));
    if (this.slots() === 1) this.element.querySelector("[aria-pressed=true]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** A tab stays the same element, so that a press on it is not lost when a message comes in between. */
  #tab(phone, language) {
    const tab = this.#tabs.get(phone.user_id) ?? make("button", {
      type: "button", class: "tab", data: { show: phone.user_id, role: phone.role }, on: { click: () => this.pick(phone.user_id) },
    });
    this.#tabs.set(phone.user_id, tab);
    const label = [say(language, "show_phone", { name: phone.name }), phone.unread ? say(language, "unread", { count: phone.unread }) : ""];
    tab.setAttribute("aria-pressed", String(this.shown.includes(phone.user_id)));
    tab.setAttribute("aria-label", label.filter(Boolean).join(", "));
    settle(tab, [
      make("span", { class: "face", "aria-hidden": "true", text: [...phone.name][0] }),
      make("span", { class: "label" }, make("b", { text: phone.name }), make("small", { text: say(language, phone.role) })),
      ...(phone.unread ? [make("span", { class: "badge", text: phone.unread > 99 ? "99+" : String(phone.unread), data: { unread: phone.unread } })] : []),
    ]);
    return tab;
  }
}
