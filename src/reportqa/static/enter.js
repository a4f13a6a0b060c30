// The way in: a token, from the address's fragment or from the portal's page, is exchanged once for a session; or a key is typed.
(() => {
  const told = document.getElementById("told");
  const form = document.getElementById("key");
  const fragment = new URLSearchParams(location.hash.slice(1));
  const token = fragment.get("token");
  history.replaceState(null, "", location.pathname + location.search);

  function keepsCookies() {
    const probe = "reportqa-probe=1; Secure; SameSite=None; Partitioned; Path=/";
    try {
      document.cookie = probe;
      const kept = document.cookie.includes("reportqa-probe=1");
      document.cookie = `${probe}; Max-Age=0`;
      return kept;
    } catch { return false; }
  }

  async function enter(given) {
    try {
      const answer = await fetch(new URL("api/session", document.baseURI), {
        method: "POST",
        headers: {"Content-Type": "application/json"},
        body: JSON.stringify({...given, cookie: keepsCookies()}),
      });
      const said = await answer.json();
      if (answer.ok) location.replace(new URL(`./${said.path}${location.search}`, document.baseURI));
      else { told.textContent = said.error.message; form.hidden = Boolean(given.token); }
    } catch { told.textContent = told.dataset.unreachable; }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    enter({key: document.getElementById("given").value});
  });
  if (token) enter({token});
  else { told.textContent = ""; form.hidden = false; }
})();
