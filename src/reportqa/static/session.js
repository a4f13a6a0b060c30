// A visitor's session: renewed by tokens that the portal's page hands in, and carried along into new tabs.
window.reportqaSession = (() => {
  const IN_PATH = /s\/rqs_[\w-]+\//;
  const EARLY = 120;
  let timer = 0;
  let seconds = 0;

  const call = (method, given) => fetch(new URL("api/session", document.baseURI), {
    method,
    headers: given ? {"Content-Type": "application/json"} : {},
    body: given && JSON.stringify(given),
  });
  const inPath = () => IN_PATH.test(location.pathname);

  function schedule() {
    clearTimeout(timer);
    if (seconds) timer = setTimeout(wantToken, Math.max(1, seconds - EARLY) * 1000);
  }

  // The message holds no secret; the answer is taken from the portals on the list alone.
  function wantToken() {
    if (window.parent !== window) window.parent.postMessage({type: "reportqa:token-wanted"}, "*");
  }

  async function renew(token) {
    const answer = await call("POST", {token, cookie: !inPath()});
    if (!answer.ok) return;
    const said = await answer.json();
    seconds = said.seconds;
    schedule();
    if (inPath() && !location.pathname.includes(said.path)) {
      location.replace(location.pathname.replace(IN_PATH, said.path) + location.search);  // the old one was over
    }
  }

  function told(event, origins) {
    if (event.source !== window.parent || !origins.includes(event.origin)) return;
    if (event.data?.type === "reportqa:token" && typeof event.data.token === "string") renew(event.data.token).catch(() => {});
  }

  // A cookie of a frame is not sent from a tab of its own: there the session goes in the path.
  async function follow(event) {
    const link = event.target.closest?.('a[target="_blank"]');
    if (!link || event.defaultPrevented || !seconds || inPath() || window.parent === window) return;
    event.preventDefault();
    const tab = window.open("", "_blank");
    if (!tab) return;
    tab.opener = null;
    const said = await call("POST", {}).then((answer) => answer.json());
    tab.location.replace(new URL(`${said.path}${link.getAttribute("href")}`, document.baseURI));
  }

  async function isOver() {
    const over = await call("GET").then((answer) => answer.status === 401, () => false);
    if (over) wantToken();
    return over;
  }

  function start(app) {
    seconds = Number(app.dataset.seconds);
    const origins = app.dataset.origins.split(" ").filter(Boolean);
    window.addEventListener("message", (event) => told(event, origins));
    document.addEventListener("click", follow);
    schedule();
  }

  return {start, isOver};
})();
