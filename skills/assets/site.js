document.addEventListener("DOMContentLoaded", () => {
  for (const nav of document.querySelectorAll(".md-code__nav")) {
    // The theme makes each copy button a landmark of its own. It leads nowhere: it is none.
    nav.setAttribute("role", "none");
    // The theme would leave out the end of the last line. What is copied is the file, to the byte.
    const code = nav.parentElement.querySelector("code");
    nav.querySelector("[data-md-type=copy]").dataset.clipboardText = code.textContent;
  }
  // A table that is wider than the screen can be scrolled with the keyboard too.
  const wide = new ResizeObserver((tables) => {
    for (const { target } of tables)
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
  });
  for (const table of document.querySelectorAll(".md-typeset__scrollwrap")) wide.observe(table);
});
