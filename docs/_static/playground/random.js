/** Random numbers: the generator that NumPy and PyTorch share, and what either draws from it. */
"use strict";
{
  const SIZE = 624;

  /** MT19937, seeded from 32 bits as `numpy.random.seed` and `torch.manual_seed` seed it. */
  class MT19937 {
    /** @param {number} seed */
    constructor(seed) {
      this.words = new Uint32Array(SIZE);
      this.words[0] = seed;
      for (let i = 1; i < SIZE; i++) {
        const last = this.words[i - 1];
        this.words[i] = Math.imul(1812433253, last ^ (last >>> 30)) + i;
      }
      this.used = SIZE;
    }

    /** The next 32 bits. */
    next() {
      if (this.used === SIZE) this.twist();
      let y = this.words[this.used++];
      y ^= y >>> 11;
      y ^= (y << 7) & 0x9d2c5680;
      y ^= (y << 15) & 0xefc60000;
      return (y ^ (y >>> 18)) >>> 0;
    }

    twist() {
      const { words } = this;
      for (let i = 0; i < SIZE; i++) {
        const next = i + 1 < SIZE ? i + 1 : 0;
        const far = i < SIZE - 397 ? i + 397 : i + 397 - SIZE;
        const y = (words[i] & 0x80000000) | (words[next] & 0x7fffffff);
        words[i] = words[far] ^ (y >>> 1) ^ (-(y & 1) & 0x9908b0df);
      }
      this.used = 0;
    }
  }

  /** `numpy.random.normal(loc, scale)` under a seed, call after call: Marsaglia's polar method,
   * whose second value is kept for the next call. @type {Is<"numpyNormal">} */
  function numpyNormal(seed) {
    const generator = new MT19937(seed);
    const uniform = () =>
      ((generator.next() >>> 5) * 2 ** 26 + (generator.next() >>> 6)) * 2 ** -53;
    let kept = NaN;
    return (loc, scale) => {
      let z = kept;
      kept = NaN;
      while (Number.isNaN(z)) {
        const a = 2 * uniform() - 1;
        const b = 2 * uniform() - 1;
        const square = a * a + b * b;
        if (square >= 1 || square === 0) continue;
        const factor = Math.sqrt((-2 * Math.log(square)) / square);
        kept = factor * a;
        z = factor * b;
      }
      return loc + scale * z;
    };
  }

  /** One float32 of `tensor.uniform_(-bound, bound)`: 24 bits, multiplied, added and rounded once,
   * as processors with a fused multiply-add do it. Others round twice: the last bit differs.
   * @type {Is<"torchUniform">} */
  function torchUniform(generator, bound) {
    const low = Math.fround(-bound);
    const range = Math.fround(Math.fround(bound) - low);
    return Math.fround((generator.next() & 0xffffff) * 2 ** -24 * range + low);
  }

  /** The order in which an epoch of `DataLoader(shuffle=True)` visits n samples. Two int64 are drawn;
   * the low word of the second one seeds `torch.randperm`, which swaps from the front.
   * @type {Is<"epochOrder">} */
  function epochOrder(generator, n) {
    for (let i = 0; i < 3; i++) generator.next();
    const shuffler = new MT19937(generator.next());
    const order = Uint16Array.from({ length: n }, (_, i) => i);
    for (let i = 0; i < n - 1; i++) {
      const j = i + (shuffler.next() % (n - i));
      const taken = order[j];
      order[j] = order[i];
      order[i] = taken;
    }
    return order;
  }

  Object.assign(d2lPlayground, { MT19937, numpyNormal, torchUniform, epochOrder });
}
