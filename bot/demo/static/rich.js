// A message's text as nodes. The server has cleaned its `html`; here only known tags are copied from it, once more.
// Links are made to open safely, commands to be tapped.

import { make } from "./dom.js";

const KEPT = new Set(["B", "STRONG", "I", "EM", "U", "INS", "S", "DEL", "CODE", "PRE", "BLOCKQUOTE", "BR"]);
const TOKENS = /(https?:\/\/[^\s<>"'，。；：！？、（）「」『』《》]+|\bt\.me\/[\w/?=&+-]+)|(?<![\w/.:@-])\/([a-z][a-z0-9_]{0,31})(?![\w/])/giu;

/** html: the server's, or null; text: plain. */
export function rich(html, text) {
  const fragment = document.createDocumentFragment();
  if (html === null || html === undefined) fragment.append(...tokens(text ?? ""));
  else copy(new DOMParser().parseFromString(html, "text/html").body, fragment);
  return fragment;
}

function copy(from, to) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) to.append(...(plain(to) ? [node.data] : tokens(node.data)));
    else if (node.nodeType === Node.ELEMENT_NODE) copyElement(node, to);
  }
}

const plain = (parent) => parent instanceof Element && parent.closest("a, code, pre") !== null;

function copyElement(node, to) {
  const twin = counterpart(node);
  copy(node, twin ?? to);
  if (twin) to.append(twin);
}

function counterpart(node) {
  if (node.tagName === "A") return link(node.getAttribute("href") ?? "");
  if (node.tagName === "TG-SPOILER" || node.classList.contains("tg-spoiler")) return spoiler();
  return KEPT.has(node.tagName) ? document.createElement(node.tagName) : null;
}

function spoiler() {
  const reveal = (event) => event.currentTarget.classList.add("open");
  return make("span", { class: "spoiler", tabindex: "0", on: { click: reveal, focus: reveal } });
}

export function link(href, text) {
  const safe = /^(https?:|tel:|mailto:|tg:)/i.test(href) ? href : /^t\.me\//i.test(href) ? `https://${href}` : null;
  return make("a", { text, href: safe, target: "_blank", rel: "noopener noreferrer" });
}

function tokens(text) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(TOKENS)) {
    nodes.push(text.slice(from, found.index), found[1] ? link(found[1], found[1]) : command(found[0]));
    from = found.index + found[0].length;
  }
  return [...nodes, text.slice(from)];
}

const command = (text) => make("button", { type: "button", class: "inline-command", text, data: { say: text } });

/** The payload of https://t.me/<bot>?start=PAYLOAD; '' when there is none; null when the link is another. */
export function startPayload(href, username) {
  const found = /^(?:https?:\/\/)?t\.me\/(\w+)\/?(?:\?(.*))?$/i.exec(href ?? "");
  if (!found || found[1].toLowerCase() !== String(username).toLowerCase()) return null;
  return new URLSearchParams(found[2] ?? "").get("start") ?? "";
}
