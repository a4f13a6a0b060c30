// Adds to the source page what it can do without: the cited words in the middle of the window, printing.
(() => {
  const cited = document.querySelector("mark.cited");
  const centre = () => {
    const paragraph = cited.closest("p, h2, h3");
    if (!location.hash || location.hash === `#${paragraph.id}`) cited.scrollIntoView({block: "center", behavior: "instant"});
  };
  if (cited) {
    centre();
    window.addEventListener("load", centre, {once: true});
  }
  const print = document.querySelector('[data-do="print"]');
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }
})();
