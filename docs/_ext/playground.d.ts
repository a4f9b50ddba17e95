/** What the scripts of docs/_static/playground share: the global `d2lPlayground`, and its types. */

/** The settings of a curve, and what of the page is shown; as text, they are the address. */
interface Settings {
  method: string; // "sgd", ... "adam" as in the book; "torch-sgd", ... of torch.optim
  lr: number;
  momentum: number;
  gamma: number;
  rho: number;
  beta1: number;
  beta2: number;
  batch: number;
  epochs: number;
  seed: number;
  bowl: "valley" | "round"; // 0.1 x1² + 2 x2², or x1² + 2 x2²
  x1: number; // where the descent in the bowl starts
  x2: number;
  steps: number;
  noise: number; // 1 for numpy.random.normal(0.1, 1) in each derivative
  seeds: number; // how many, from `seed` on
  sweep: number; // 1 to show the final losses against the learning rate
  step: number; // the point of the bowl that shows its arrows
  panel: string; // the picture that a phone shows
  task: string; // the experiment chosen
  hide: string; // parts that are left out, with commas
  [name: string]: any;
}

/** K records of a run: what d2l.History holds, with the parameters (K rows of 6). */
interface Run {
  epochs: number[];
  steps: number[];
  thetas: Float32Array;
  losses: number[];
}

/** A point of a descent in the bowl: place, derivatives, and what the rule remembers there. */
interface BowlPoint {
  x: number[];
  g: number[];
  v: number[];
  s: number[];
}

/** A curve of the page; `many` holds the losses of a run of each seed. */
interface Curve {
  settings: Settings;
  path: BowlPoint[];
  run: Run;
  many: number[][] | null;
}

interface Sweep {
  method: string;
  rates: number[];
  losses: number[];
}

/** What the panels draw; curve 0 is the one that the controls set. */
interface Model {
  settings: Settings;
  curves: Curve[];
  words: Record<string, string>;
  published: number[];
  sweep: Sweep[];
  step: number; // the point of the bowl that shows its arrows, or -1
}

type Point = [number, number];
type Scale = (value: number) => number;
type Panel = (model: Model) => string[];
type Plot = { x: Scale; y: Scale; axes: string };
type Numbers = Float32Array | Float64Array;
type Generator32 = { next(): number };

/** What a rule remembers of each parameter, zero at first: v of gradients or steps, s of squares.
 *  `f` rounds to float32, or not at all where numbers are float64. */
interface Memory {
  v: Numbers;
  s: Numbers;
  f: (x: number) => number;
}

/** Changes parameter j, whose gradient is g[j], in step t = 1, 2, ... */
type Update = (p: Numbers, g: Numbers, j: number, t: number) => void;

/** A rule or an optimizer: its name in Python, the settings that it reads, and Python code that
 *  prints what a run of it gives, by what is printed. */
interface Method {
  python: string;
  torch: boolean;
  reads: string[];
  codes: Record<string, string>;
}

/** What a setting may be. */
interface Limits {
  usual: any;
  of?: (string | number)[];
  stops?: number[];
  min?: any;
  max?: any;
  whole?: boolean;
  view?: boolean;
}

interface Published {
  state: string;
  panel: "bowl" | "loss";
  line: string;
}

/** Takes changed settings. */
type Change = (changes: Partial<Settings>) => void;

interface D2LPlayground {
  /** What the build wrote: the samples, what is known of them all, methods, published numbers. */
  data: {
    table: string;
    factor: number[][];
    minimizer: number[];
    optimum: number;
    curvatures: number[];
    directions: number[][];
    bowls: Record<string, number[]>;
    methods: Record<string, Method>;
    settings: Record<string, Limits>;
    published: Published[];
  };

  // random.js
  MT19937: new (seed: number) => Generator32;
  numpyNormal(seed: number): (loc: number, scale: number) => number;
  torchUniform(generator: Generator32, bound: number): number;
  epochOrder(generator: Generator32, n: number): Uint16Array;

  // rules.js
  RULES: Record<string, (settings: Settings, memory: Memory) => Update>;

  // settings.js
  allowed(name: string, value: any): any;
  /** Settings out of their text, such as "method=adam&lr=0.01"; the others are as usual. */
  parse(text: string): Settings;
  format(settings: Settings, view?: boolean): string;

  // training.js
  /** Where a run starts, six parameters, and the generator that its order is then drawn from. */
  start(settings: Settings): { theta: Float32Array; generator: Generator32 };
  /** One run: d2l.fit(..., seed=seed), or d2l.fit_torch(..., seed=seed). */
  fit(settings: Settings): Run;
  /** Runs with so many seeds from settings.seed on, one a yield: their losses. */
  fitSeeds(settings: Settings, count: number): Generator<number[][]>;
  sweepRates(settings: Settings): Generator<Sweep[]>;
  last<T>(list: T[]): T;
  quantiles(shares: number[], values: number[]): number[];

  // bowl.js
  /** A descent in the bowl: d2l.train_2d, point by point. */
  descend(settings: Settings): BowlPoint[];

  // python.js
  fixed(x: number, digits?: number): string;
  lossLine(loss: number, seeds: number): string;
  bowlLine(settings: Settings, path: BowlPoint[]): string;
  lossCode(settings: Settings): string;
  bowlCode(settings: Settings): string;

  // charts.js
  FRAME: { left: number; right: number; top: number; bottom: number };
  scale(values: Point, places: Point, log?: boolean): Scale;
  escape(text: string): string;
  element(name: string, attributes: Record<string, string | number>, content?: string): string;
  path(look: string, d: string): string;
  label(place: number[], words: string, look?: string, anchor?: string): string;
  row(y: number, ...xs: number[]): number[][];
  line(look: string, places: number[][]): string;
  markers(look: string, shape: number, places: number[][]): string;
  band(look: string, upper: number[][], lower: number[][]): string;
  arrow(look: string, place: number[], by: number[]): string;
  framed(...pieces: string[]): string;
  plot(x: Point, y: Point, names: string[], how?: { counts?: number[]; log?: boolean }): Plot;

  // panels.js
  HALF_BAND: number[];
  PANELS: Record<string, Panel>;
  bowlRanges(settings: Settings): [Point, Point];
  named(index: number, words: Record<string, string>): string;
  sample(index: number): string;

  // controls.js, start.js
  controls(root: HTMLElement, change: Change): (settings: Settings) => void;
  movableStart(svg: SVGSVGElement, change: Change): (settings: Settings) => void;

  // tables.js
  curvesTable(model: Model): string;
  recordsTable(model: Model): string;

  // playground.js
  /** The playgrounds of this page. */
  all: any[];
}

/** The type of one of its parts. */
type Is<Part extends keyof D2LPlayground> = D2LPlayground[Part];

declare var d2lPlayground: D2LPlayground;
