// <input type="search" data-behaviour="live-filter" data-rows="SELECTOR" data-status="ID">: hides rows without the words.
// The status element speaks data-none, or data-some with {number}.
behaviour("live-filter", (input) => {
  const status = document.getElementById(input.dataset.status);

  function filter() {
    const words = input.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const rows = [...document.querySelectorAll(input.dataset.rows)];
    for (const row of rows) row.hidden = !words.every((word) => row.textContent.toLocaleLowerCase().includes(word));
    const shown = rows.filter((row) => !row.hidden).length;
    const text = shown ? status.dataset.some.replace("{number}", shown) : status.dataset.none;
    status.textContent = words.length ? text : "";
  }

  input.addEventListener("input", filter);
  if (input.value) filter();
});
