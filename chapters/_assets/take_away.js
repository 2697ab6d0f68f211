// "Download this page" on file://: the browser would show the notebook as text instead of saving it,
// and a script may not read the file.  So its text is also stored as a script that calls takeAway.
window.takeAway = (name, text) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
};
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a.btn-download-source-button");
  if (!link || window.location.protocol !== "file:") return;
  event.preventDefault();
  const script = document.createElement("script");
  script.src = `${link.href}.js`;
  script.onload = () => script.remove();
  document.head.append(script);
});
