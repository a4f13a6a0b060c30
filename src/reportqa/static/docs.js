// The API's documentation, shown by Swagger UI from this host alone.
window.addEventListener("load", () => {
  window.SwaggerUIBundle({
    url: new URL("openapi.json", document.baseURI).href,
    dom_id: "#docs",
    deepLinking: true,
    validatorUrl: null,
  });
});
