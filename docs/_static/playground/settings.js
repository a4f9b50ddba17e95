/** Settings: what they may be, and how they are written into the address. */
"use strict";
{
  const { settings: SETTINGS } = d2lPlayground.data;

  /** What the setting may be, as near as possible to a value. @type {Is<"allowed">} */
  function allowed(name, value) {
    const { usual, of, stops = [], whole, min = stops[0], max = stops.at(-1) } = SETTINGS[name];
    if (typeof usual === "string") return !of || of.includes(value) ? value : usual;
    const number = value === "" ? NaN : Number(value);
    if (Number.isNaN(number) || (of && !of.includes(number))) return usual;
    return of ? number : Math.min(Math.max(whole ? Math.round(number) : number, min), max);
  }

  /** Settings out of text; what it does not name is as usual. @type {Is<"parse">} */
  function parse(text) {
    const given = new URLSearchParams(text);
    const entries = Object.entries(SETTINGS).map(([name, { usual }]) => {
      return [name, given.has(name) ? allowed(name, given.get(name)) : usual];
    });
    return Object.fromEntries(entries);
  }

  /** Settings as text, of the curve alone or with the view. @type {Is<"format">} */
  function format(settings, view = false) {
    const unusual = Object.entries(SETTINGS).filter(
      ([name, limits]) => settings[name] !== limits.usual && (view || !limits.view),
    );
    return unusual.map(([name]) => `${name}=${encodeURIComponent(settings[name])}`).join("&");
  }

  Object.assign(d2lPlayground, { allowed, parse, format });
}
