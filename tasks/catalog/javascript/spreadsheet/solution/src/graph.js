import { readingOrder } from './address.js';

/** Returns the cells that depend on others, directly or not, and these: each with the set of those that refer to it. */
export function affectedBy(names, referrersOf) {
  const graph = new Map();
  const waiting = [...names];
  while (waiting.length > 0) {
    const name = waiting.pop();
    if (graph.has(name)) continue;
    graph.set(name, referrersOf(name));
    for (const referrer of graph.get(name)) waiting.push(referrer);
  }
  return graph;
}

/** Returns the cells of a graph that depend on themselves. */
export function inCycles(graph) {
  const seen = new Set();
  const finished = [...graph.keys()].flatMap((name) => depthFirst(name, graph, seen));
  const backwards = reversed(graph);
  const cyclic = new Set();
  seen.clear();
  for (const name of finished.reverse()) {
    const component = depthFirst(name, backwards, seen);
    if (component.length > 1 || graph.get(name).has(name)) for (const member of component) cyclic.add(member);
  }
  return cyclic;
}

// Returns what is reached and not seen before, each cell after all that it leads to.
function depthFirst(start, graph, seen) {
  const finished = [];
  const path = [];
  const enter = (name) => {
    if (seen.has(name)) return;
    seen.add(name);
    path.push({ name, targets: graph.get(name).values() });
  };
  enter(start);
  while (path.length > 0) {
    const { name, targets } = path.at(-1);
    const { value, done } = targets.next();
    if (!done) enter(value);
    else finished.push(path.pop().name);
  }
  return finished;
}

function reversed(graph) {
  const backwards = new Map([...graph.keys()].map((name) => [name, new Set()]));
  for (const [name, targets] of graph) for (const target of targets) backwards.get(target).add(name);
  return backwards;
}

/** Sorts the cells of a graph: each after those that it refers to, else in reading order. Cells in cycles wait for none. */
export function calculationOrder(graph, cyclic) {
  const missing = new Map([...graph.keys()].map((name) => [name, 0]));
  for (const targets of graph.values()) {
    for (const target of targets) if (!cyclic.has(target)) missing.set(target, missing.get(target) + 1);
  }
  const ready = [...graph.keys()].filter((name) => missing.get(name) === 0).sort((a, b) => readingOrder(b) - readingOrder(a));
  const order = [];
  while (ready.length > 0) {
    const name = ready.pop();
    order.push(name);
    for (const target of graph.get(name)) {
      if (cyclic.has(target)) continue;
      missing.set(target, missing.get(target) - 1);
      if (missing.get(target) === 0) insert(target, ready);
    }
  }
  return order;
}

function insert(name, ready) {
  let [from, to] = [0, ready.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (readingOrder(ready[middle]) > readingOrder(name)) from = middle + 1;
    else to = middle;
  }
  ready.splice(from, 0, name);
}
