"use strict";
// A button beside each example copies it. Without this script the page reads the same.
for (const block of document.querySelectorAll("pre")) {
  const button = document.createElement("button");
  button.textContent = document.documentElement.lang === "ja" ? "コピー" : "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(block.querySelector("code").textContent);
    button.textContent = document.documentElement.lang === "ja" ? "コピーしました" : "Copied";
  });
  block.before(button);
}
