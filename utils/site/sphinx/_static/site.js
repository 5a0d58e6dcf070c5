/* A formula that is wider than the page scrolls in a box of its own, which the Tab key can reach. */
function boxWideFormulas() {
  for (const box of document.querySelectorAll("div.math, span.math")) {
    const room = box.closest("p, li, td, dd, section, div").clientWidth;
    const drawn = Math.max(0, ...[...box.querySelectorAll("svg")].map((svg) => svg.getBoundingClientRect().width));
    box.classList.toggle("wide", drawn > room);
    if (drawn > room) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}
addEventListener("load", () => window.MathJax && MathJax.startup.promise.then(boxWideFormulas));
addEventListener("resize", boxWideFormulas);
