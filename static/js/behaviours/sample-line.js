// <select data-behaviour="sample-line" data-output="ID">: shows the data-sample of the chosen option.
// With data-fit="ID" and data-url it also asks the server there, while the fields named in data-words are typed into,
// which characters the encoding does not have; the answer is a sentence. Of the form only those fields travel.
behaviour("sample-line", (select) => {
  const output = document.getElementById(select.dataset.output);
  const fit = document.getElementById(select.dataset.fit);
  const fields = (select.dataset.words?.split(" ") ?? []).map((name) => select.form.elements[name]);
  const show = () => { output.textContent = select.selectedOptions[0]?.dataset.sample ?? ""; };
  let rest, asked = 0;

  async function ask() {
    const number = ++asked;
    const sent = [select, select.form.elements.csrf_token, ...fields].map((field) => [field.name, field.value]);
    const answer = await fetch(select.dataset.url, { method: "POST", body: new URLSearchParams(sent) }).catch(() => null);
    if (number === asked) fit.textContent = answer?.ok && !answer.redirected ? await answer.text() : "";
  }

  function askSoon() {
    clearTimeout(rest);
    rest = setTimeout(ask, 250);
  }

  select.addEventListener("change", show);
  if (fit) for (const field of [select, ...fields]) field.addEventListener("input", askSoon);
  show();
});
