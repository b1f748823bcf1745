// <p data-behaviour="known-sender" data-from="ID" data-host="ID" data-domains="{domain: provider}">: shown while the sender
// is an address of a known provider and no server is typed; its button fills in that provider's.
behaviour("known-sender", (line) => {
  const sender = document.getElementById(line.dataset.from);
  const host = document.getElementById(line.dataset.host);
  const providers = JSON.parse(line.dataset.domains);
  const sentence = line.querySelector("[data-sentence]");
  const button = line.querySelector("button");

  function show() {
    const domain = sender.value.trim().toLowerCase().split("@")[1] ?? "";
    const provider = Object.hasOwn(providers, domain) ? providers[domain] : "";
    line.hidden = !provider || host.value.trim() !== "";
    sentence.textContent = sentence.dataset.sentence.replace("{provider}", provider);
    button.value = provider;
  }

  for (const field of [sender, host]) field.addEventListener("input", show);
  show();
});
