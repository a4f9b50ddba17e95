/** Update rules: the chapter's six and their torch.optim twins, each rounded where torch rounds. */
"use strict";
{
  // Two float32 multiply exactly in JavaScript's numbers, so f(a + x * y) rounds once, as a fused
  // multiply-add does; a nested f(...) rounds in between. What is stored is rounded by its array.
  /** @type {Is<"RULES">} */
  const RULES = {
    sgd({ lr }, { f }) {
      const a = f(lr);
      return (p, g, j) => void (p[j] = p[j] - a * g[j]);
    },

    momentum({ lr, momentum }, { v, f }) {
      const [a, c] = [lr, momentum].map(f);
      return (p, g, j) => {
        v[j] = f(c * v[j]) + f(a * g[j]);
        p[j] = p[j] - v[j];
      };
    },

    adagrad({ lr }, { s, f }) {
      const [a, eps] = [lr, 1e-6].map(f);
      return (p, g, j) => {
        s[j] = s[j] + f(g[j] * g[j]);
        p[j] = p[j] - f(f(a * g[j]) / f(Math.sqrt(f(s[j] + eps))));
      };
    },

    rmsprop({ lr, gamma }, { s, f }) {
      const [a, c, c1, eps] = [lr, gamma, 1 - gamma, 1e-6].map(f);
      return (p, g, j) => {
        s[j] = f(c * s[j]) + f(c1 * f(g[j] * g[j]));
        p[j] = p[j] - f(f(a * g[j]) / f(Math.sqrt(f(s[j] + eps))));
      };
    },

    adadelta({ rho }, { v, s, f }) {
      const [c, c1, eps] = [rho, 1 - rho, 1e-5].map(f);
      return (p, g, j) => {
        s[j] = f(c * s[j]) + f(c1 * f(g[j] * g[j]));
        const step = f(f(Math.sqrt(f(f(v[j] + eps) / f(s[j] + eps)))) * g[j]);
        p[j] = p[j] - step;
        v[j] = f(c * v[j]) + f(c1 * f(step * step));
      };
    },

    adam({ lr }, { v, s, f }) {
      const [a, b, b1, c, c1, eps] = [lr, 0.9, 1 - 0.9, 0.999, 1 - 0.999, 1e-6].map(f);
      const bias = correction(0.9, 0.999);
      return (p, g, j, t) => {
        const [v0, s0] = bias(t);
        v[j] = f(b * v[j]) + f(b1 * g[j]);
        s[j] = f(c * s[j]) + f(c1 * f(g[j] * g[j]));
        const root = f(Math.sqrt(f(s[j] / f(s0))));
        p[j] = p[j] - f(f(a * f(v[j] / f(v0))) / f(root + eps));
      };
    },

    "torch-sgd": (settings, memory) => RULES.sgd(settings, memory),

    "torch-momentum"({ lr, momentum }, { v, f }) {
      const [a, c] = [lr, momentum].map(f);
      return (p, g, j) => {
        v[j] = f(c * v[j]) + g[j];
        p[j] = p[j] - a * v[j];
      };
    },

    "torch-adagrad"({ lr }, { s, f }) {
      const [a, eps] = [lr, 1e-10].map(f);
      return (p, g, j) => {
        s[j] = s[j] + g[j] * g[j];
        p[j] = p[j] - f(f(a * g[j]) / f(f(Math.sqrt(s[j])) + eps));
      };
    },

    "torch-rmsprop"({ lr, gamma }, { s, f }) {
      const [a, c, c1, eps] = [lr, gamma, 1 - gamma, 1e-8].map(f);
      return (p, g, j) => {
        s[j] = f(c * s[j]) + f(c1 * g[j]) * g[j];
        p[j] = p[j] - f(f(a * g[j]) / f(f(Math.sqrt(s[j])) + eps));
      };
    },

    "torch-adadelta"({ rho }, { v, s, f }) {
      const [c, c1, eps] = [rho, 1 - rho, 1e-6].map(f);
      return (p, g, j) => {
        s[j] = f(c * s[j]) + f(c1 * g[j]) * g[j];
        const root = f(Math.sqrt(f(s[j] + eps)));
        const step = f(f(f(Math.sqrt(f(v[j] + eps))) / root) * g[j]);
        v[j] = f(c * v[j]) + f(c1 * step) * step;
        p[j] = p[j] - step;
      };
    },

    "torch-adam"({ lr, beta1, beta2 }, { v, s, f }) {
      const [w, w1, c, c1, eps] = [1 - beta1, 1 - f(1 - beta1), beta2, 1 - beta2, 1e-8].map(f);
      const bias = correction(beta1, beta2);
      return (p, g, j, t) => {
        const [v0, s0] = bias(t);
        const change = f(g[j] - v[j]); // torch.lerp, which starts from the nearer end
        v[j] = w < 0.5 ? v[j] + w * change : g[j] - w1 * change;
        s[j] = f(c * s[j]) + f(c1 * g[j]) * g[j];
        const root = f(f(Math.sqrt(s[j])) / f(Math.sqrt(s0)));
        p[j] = p[j] - f(f(f(lr / v0) * v[j]) / f(root + eps));
      };
    },
  };

  /** Adam's bias corrections 1 - beta ** t. @param {number} beta1 @param {number} beta2 */
  function correction(beta1, beta2) {
    let [now, v0, s0] = [0, 0, 0];
    return (/** @type {number} */ t) => {
      if (t !== now) [now, v0, s0] = [t, 1 - beta1 ** t, 1 - beta2 ** t]; // once a step
      return [v0, s0];
    };
  }

  Object.assign(d2lPlayground, { RULES });
}
