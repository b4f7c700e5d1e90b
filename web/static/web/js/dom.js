/** Elements without markup in text: nothing that is put in is ever read as HTML. */

/** What is set as a property: as an attribute it would only be the value to begin with. */
const PROPERTIES = new Set(["value", "checked", "selected", "muted", "disabled", "hidden", "indeterminate"]);

/** @typedef {Node | string | number | null | undefined | false} Child nothing is made of null, undefined, false and "" */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} [attributes] on… are listeners; true is an attribute without a value, false and null none
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(made, name, value);
  made.append(...children.flat().filter(isThere).map(asNode));
  return made;
}

/**
 * The same for a drawing.
 * @param {string} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {...(Child | Child[])} children
 * @returns {SVGElement}
 */
export function draw(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children.flat().filter(isThere).map(asNode));
  return made;
}

/** @param {Element} where @param {string} name @param {any} value */
function set(where, name, value) {
  if (name.startsWith("on")) where.addEventListener(name.slice(2), value);
  else if (PROPERTIES.has(name)) where[name] = value;
  else if (value !== false && value !== null && value !== undefined)
    where.setAttribute(name, value === true ? "" : value);
}

const isThere = (child) => child !== null && child !== undefined && child !== false && child !== "";
const asNode = (child) => (child instanceof Node ? child : String(child));

/**
 * @param {ParentNode} where
 * @param {string} selector
 * @returns {any} the first that fits; it is an error that there is none
 */
export function find(where, selector) {
  const found = where.querySelector(selector);
  if (!found) throw new Error(`There is no ${selector}`);
  return found;
}

/** So that a screen reader tells it, and the keyboard goes on from there. @param {HTMLElement} where */
export function focus(where) {
  if (!where.hasAttribute("tabindex")) where.setAttribute("tabindex", "-1");
  where.focus({ preventScroll: true });
}

/** @param {string} name @returns {string | null} */
export function cookie(name) {
  const found = document.cookie.split("; ").find((each) => each.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : null;
}

/** A cookie tells the server how to draw the page; none holds a secret. @param {string} name @param {string | null} value */
export function setCookie(name, value) {
  const age = value === null ? 0 : 365 * 24 * 3600;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${encodeURIComponent(value ?? "")}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
}
