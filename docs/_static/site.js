// Print with every solution open, on light ground, and put the page back afterwards.
{
  const root = document.documentElement;
  let folded = [], theme;
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    folded.forEach((details) => (details.open = true));
    theme = root.dataset.theme;
    root.dataset.theme = "light";
  });
  addEventListener("afterprint", () => {
    folded.forEach((details) => (details.open = false));
    root.dataset.theme = theme;
  });
}
