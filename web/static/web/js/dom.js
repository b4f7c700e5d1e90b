/** Builds elements without HTML strings: text never becomes markup. Also texts that change, focus and cookies. */

/** Set as properties, because the attributes are only their initial values. */
const PROPERTIES = new Set(["value", "checked", "selected", "muted", "disabled", "hidden", "indeterminate"]);

/** @typedef {Node | string | number | null | undefined | false} Child null, undefined, false and "" are skipped */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} [attributes] on… adds a listener; true sets an empty attribute, false and null none
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  element.append(...children.flat().filter(isPresent).map(toNode));
  return element;
}

/**
 * Like h(), for SVG.
 * @param {string} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {...(Child | Child[])} children
 * @returns {SVGElement}
 */
export function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children.flat().filter(isPresent).map(toNode));
  return element;
}

/** @param {Element} element @param {string} name @param {any} value */
function setAttribute(element, name, value) {
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (PROPERTIES.has(name)) element[name] = value;
  else if (value !== false && value !== null && value !== undefined)
    element.setAttribute(name, value === true ? "" : value);
}

const isPresent = (child) => child !== null && child !== undefined && child !== false && child !== "";
const toNode = (child) => (child instanceof Node ? child : String(child));

/**
 * @param {ParentNode} parent
 * @param {string} selector
 * @returns {any} the first match
 * @throws {Error} if there is none
 */
export function find(parent, selector) {
  const found = parent.querySelector(selector);
  if (!found) throw new Error(`There is no ${selector}`);
  return found;
}

/** The same text is not set again: screen readers would read it out again. @param {Element} element @param {string} text */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Focuses any element, for screen readers and keyboard users. @param {HTMLElement} element */
export function focus(element) {
  if (!element.hasAttribute("tabindex")) element.setAttribute("tabindex", "-1");
  element.focus({ preventScroll: true });
}

/** @param {string} name @returns {string | null} */
export function cookie(name) {
  const pair = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return pair ? decodeURIComponent(pair.slice(name.length + 1)) : null;
}

/**
 * Cookies tell the server how to draw the page; none holds a secret.
 * @param {string} name
 * @param {string | null} value null deletes it
 */
export function setCookie(name, value) {
  const age = value === null ? 0 : 365 * 24 * 3600;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${encodeURIComponent(value ?? "")}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
}
