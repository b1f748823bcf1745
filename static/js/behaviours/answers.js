// What an answer to a scripted request may do: 2xx and 422 stay where they were asked for, a redirect navigates,
// every other error replaces the page, so that nobody stares at a form that silently did nothing.
document.addEventListener("htmx:before:response", (event) => {
  const { response, hx } = event.detail.ctx;
  if (hx.redirect) return;
  if (response.raw.redirected) hx.redirect = response.raw.url;
  else if (response.status >= 400 && response.status !== 422) Object.assign(hx, { retarget: "body", reswap: "innerHTML" });
});
