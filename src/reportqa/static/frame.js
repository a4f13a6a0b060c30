// The chat in a portal's frame: its compact form, and what it hears from the portal's page and says to it.
window.reportqaFrame = (() => {
  const options = new URLSearchParams(location.search);
  const form = ["compact", "panel"].find((known) => known === options.get("frame"));
  const framed = window.parent !== window;

  // To any origin: the browser lets none frame us but those listed, and these messages hold nothing.
  function tell(type) {
    if (framed) window.parent.postMessage({type: `reportqa:${type}`}, "*");
  }

  /** Take the form that the address asks for; let the portal's page ask, and focus the question. */
  function start(app, ask, focus) {
    if (form) app.dataset.frame = form;
    const origins = [location.origin, ...app.dataset.origins.split(" ")];
    window.addEventListener("message", (event) => {
      if (!framed || event.source !== window.parent || !origins.includes(event.origin)) return;
      if (event.data?.type === "reportqa:ask") ask(String(event.data.question));
      else if (event.data?.type === "reportqa:focus") focus();
    });
  }

  return {start, tell, framed, compact: Boolean(form), name: options.get("as") || "", theme: options.get("theme") || ""};
})();
