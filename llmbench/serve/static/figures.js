/* Figures in words, as live_words.py and the report say them. */

const UNKNOWN = "–";
const STATES = {
  preparing: ["getting ready", "live"], starting: ["loading the model", "live"], sampling: ["asking", "live"],
  grading: ["grading", "live"], pausing: ["about to pause", "care"], paused: ["paused", "care"],
  finished: ["finished", "good"], stopped: ["stopped", "care"], failed: ["failed", "bad"], crashed: ["crashed", "bad"],
};
export const ENDED = ["finished", "stopped", "failed", "crashed"];
const NAMES = {
  utilization_percent: "busy", memory_mb: "memory", power_w: "power", temperature_c: "temperature",
  cpu_percent: "cores", others_percent: "other programs",
};

/** @param {number} value @param {number} digits */
const fixed = (value, digits) => value.toFixed(digits);

/** @param {string} state @returns {string[]} in words, and its tone */
export const stateWords = (state) => STATES[/** @type {keyof typeof STATES} */ (state)] ?? [state, "other"];

/** @param {number | null | undefined} value */
export function seconds(value) {
  if (value === null || value === undefined) return UNKNOWN;
  if (value < 0.9995) return `${fixed(1000 * value, 0)} ms`;
  if (value < 59.95) return `${fixed(value, 1)} s`;
  const all = Math.round(value);
  const [minutes, rest] = [Math.floor(all / 60), all % 60];
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  return minutes < 60 ? `${minutes} min ${two(rest)} s` : `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** @param {number | null | undefined} value */
export const speed = (value) =>
  value === null || value === undefined ? UNKNOWN : `${fixed(value, value >= 100 ? 0 : 1)} tokens/s`;

/** @param {number | null | undefined} value */
export const count = (value) =>
  value === null || value === undefined ? UNKNOWN : fixed(value, 0).replace(/\B(?=(\d{3})+$)/g, "\u202f");

/** @param {number | null | undefined} usd */
export const money = (usd) => (usd ? `$${fixed(usd, usd >= 1 ? 2 : 4)}` : UNKNOWN);

/** @param {number} value */
const megabytes = (value) => (value < 1000 ? `${fixed(value, 0)} MB` : `${fixed(value / 1024, 1)} GB`);

/** @param {number} number @param {string} word */
const plural = (number, word) => `${count(number)} ${word}${number === 1 ? "" : "s"}`;

/** @param {any} status of `/api/events` @returns {{done: number, total: number}} */
export const counted = (status) =>
  status.again
    ? { done: status.done, total: status.total }
    : { done: status.made_before + status.done, total: status.planned || status.total };

/** @param {any} status @returns {Record<string, string>} what stands where `data-now` says */
export function words(status) {
  const { done, total } = counted(status);
  const used = status.used;
  const left = status.left;
  return {
    message: status.message,
    progress: total ? `${done} of ${plural(total, "sample")}${status.again ? " asked once more" : ""}` : "not begun",
    speed: speed(status.decode_tokens_per_s),
    left: left ? seconds(left.likely_s) : UNKNOWN,
    left_range: left ? `${seconds(left.low_s)} to ${seconds(left.high_s)}` : "",
    elapsed: status.elapsed_s ? seconds(status.elapsed_s) : UNKNOWN,
    tokens: count(used.prompt_tokens === null ? null : used.prompt_tokens + (used.completion_tokens ?? 0)),
    cost: money(used.cost_usd),
    asking: asking(status.asking),
  };
}

/** @param {any} now */
function asking(now) {
  if (!now.requests) return "";
  const soFar = now.tokens ? `${plural(now.tokens, "token")} so far` : "no token yet";
  return `${plural(now.requests, "request")} under way for ${seconds(now.eldest_s)}, ${soFar}`;
}

/** @param {Record<string, number>} machine @returns {string[][]} what it is, and how much */
export function readings(machine) {
  const found = [];
  for (const [name, value] of Object.entries(machine)) {
    const [part, figure] = [name.slice(0, name.indexOf(".")), name.slice(name.indexOf(".") + 1)];
    const word = NAMES[/** @type {keyof typeof NAMES} */ (figure)];
    if (word) found.push([`${placeOf(part, figure)}${word}`, amount(figure, value)]);
  }
  return found;
}

/** @param {string} part @param {string} figure */
function placeOf(part, figure) {
  if (figure === "others_percent") return "";
  if (part === "process") return "server's ";
  return part.startsWith("gpu") ? `GPU${part.slice(3) && ` ${part.slice(3)}`}: ` : `${part}: `;
}

/** @param {string} figure @param {number} value */
function amount(figure, value) {
  if (figure === "cpu_percent") return fixed(value / 100, 1);
  if (figure.endsWith("_mb")) return megabytes(value);
  return `${fixed(value, 0)} ${figure.endsWith("_w") ? "W" : figure.endsWith("_c") ? "°C" : "%"}`;
}
