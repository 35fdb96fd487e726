// Makes elements. Text always goes in as text; nothing here parses markup.

const ICONS = {
  send: "M3.4 20.2 21 12 3.4 3.8l-.01 6.2L15 12 3.390 14z",
  clip: "M16.5 6.5v9.7a4.5 4.5 0 0 1-9 0V5.8a3 3 0 0 1 6 0v9.4a1.5 1.5 0 0 1-3 0V6.5",
  mic: "M12 14.5a3 3 0 0 0 3-3v-5a3 3 0 1 0-6 0v5a3 3 0 0 0 3 3Zm-6-3.5a6 6 0 0 0 12 0M12 17v3.5",
  menu: "M4.5 7h15M4.5 12h15M4.5 17h9",
  more: "M5.5 12h.01M12 12h.01M18.5 12h.01",
  close: "M6 6l12 12M18 6 6 18",
  reply: "M9.5 6 4 11.5 9.5 17M4.5 11.5H14a6 6 0 0 1 6 6V19",
  edit: "M5 19h3.5L19 8.5 15.5 5 5 15.5zM13 7.5l3.5 3.5",
  copy: "M9 9h10v10H9zM15 9V5H5v10h4",
  photo: "M4 6h16v12.5H4zM4 16l4.5-4.5 4 4L15 13l5 4.5M15.5 9.5h.01",
  file: "M7 3.5h7L18 8v12.5H7zM14 3.5V8h4",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-7.5 8c.6-3.8 3.6-5.5 7.5-5.5s6.9 1.7 7.5 5.5",
  wave: "M4 10v4M8 6.5v11M12 9v6M16 4.5v15M20 10v4",
  play: "M8 5.5v13l10.5-6.5z",
  pause: "M8.5 6v12M15.5 6v12",
  down: "M12 5v13M6 12.5l6 6 6-6",
  link: "M14 5h5v5M19 5l-8 8M17 13.5V19H5V7h5.5",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M18.4 5.6l-1.1 1.1M6.7 17.3l-1.1 1.1",
};
const FILLED = new Set(["send", "play"]);
const SVG = "http://www.w3.org/2000/svg";

/** make("button", {class, text, title, data: {tap: "x"}, on: {click}}, ...children) */
export function make(tag, { class: name, text, data = {}, on = {}, ...attributes } = {}, ...children) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text !== undefined && text !== null) node.textContent = text;
  Object.assign(node.dataset, data);
  for (const [event, heard] of Object.entries(on)) node.addEventListener(event, heard);
  for (const [key, value] of Object.entries(attributes)) setAttribute(node, key, value);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function setAttribute(node, key, value) {
  if (value === false || value === null || value === undefined) return;
  node.setAttribute(key, value === true ? "" : value);
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon", ...(FILLED.has(name) ? ["filled"] : []));
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

export function iconButton(name, label, options = {}) {
  return make("button", { type: "button", "aria-label": label, title: label, ...options }, icon(name));
}

/** Brings a parent's children to `wanted` and moves as few of them as it can (a moved video or animation starts anew). */
export function settle(parent, wanted) {
  const kept = new Set(wanted);
  for (const child of [...parent.childNodes]) if (!kept.has(child)) child.remove();
  wanted.forEach((node, index) => {
    if (parent.childNodes[index] !== node) parent.insertBefore(node, parent.childNodes[index] ?? null);
  });
}
