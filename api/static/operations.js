/* Pages work without this. With it: keys (none while typing), and the player's moment as proof. */
(function () {
  "use strict";
  var all = function (what) { return Array.from(document.querySelectorAll(what)); };
  var player = document.querySelector("[data-player]"), at = -1;

  all("[name=verdict]").forEach(function (choice) {
    choice.addEventListener("change", function () {
      all("[data-verdict]").forEach(function (group) {
        var boxes = group.querySelectorAll("input");
        if (group.dataset.verdict === choice.value && boxes.length === 1) boxes[0].checked = true;
      });
    });
  });

  if (player) {
    player.addEventListener("pause", function () {
      var field = document.querySelector("[data-proof-ms]"), text = document.querySelector("[data-proof-text]");
      if (field) field.value = Math.round(player.currentTime * 1000);
      if (text) text.textContent = player.currentTime.toFixed(1) + " s";
    });
  }

  all("[data-preview]").forEach(function (note) {
    (function ask() {
      fetch(note.dataset.preview, { credentials: "same-origin" }).then(function (answer) {
        return answer.ok ? answer.json() : Promise.reject(new Error(answer.status));
      }).then(function (told) {
        var ready = told.state === "ready", typing = document.activeElement && /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
        note.textContent = told.text;
        if (ready && !typing) location.reload();
        else if (ready || told.state === "making") setTimeout(ask, 3000);
      }).catch(function () { setTimeout(ask, 15000); });
    })();
  });

  document.addEventListener("click", function (event) {
    var mark = event.target.closest && event.target.closest("[data-seek]");
    if (!mark || !player) return;
    event.preventDefault();
    player.pause();
    player.currentTime = mark.getAttribute("data-seek") / 1000;
    player.scrollIntoView({ block: "nearest" });
  });

  document.addEventListener("keydown", function (event) {
    var on = event.target, key = event.key.toLowerCase(), crops, found;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(TEXTAREA|SELECT|VIDEO)$/.test(on.tagName) || (on.tagName === "INPUT" && !/^(radio|checkbox)$/.test(on.type))) return;
    if (key === "j" || key === "k") {
      crops = all(".crop, .timeline-strip a");
      at += key === "j" ? 1 : crops.length - 1;
      found = crops[at %= crops.length];
      if (found) found.focus();
    } else if (key === "/") {
      found = document.querySelector("[data-search]");
      if (found) found.focus(); else location.assign("/ops/queue#q");
    } else if (key === "enter" && !/^(A|BUTTON|SUMMARY)$/i.test(on.tagName)) {
      found = document.querySelector(".decide:has([type=radio]:checked) button:enabled");
      if (found) found.click();
    } else {
      found = all("[data-key]").filter(function (one) { return one.dataset.key === key; })[0];
      if (found) found.click();
    }
    if (found) event.preventDefault();
  });
})();
