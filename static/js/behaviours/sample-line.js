// <select data-behaviour="sample-line" data-output="ID">: shows the data-sample of the chosen option.
behaviour("sample-line", (select) => {
  const output = document.getElementById(select.dataset.output);
  const show = () => { output.textContent = select.selectedOptions[0]?.dataset.sample ?? ""; };
  select.addEventListener("change", show);
  show();
});
