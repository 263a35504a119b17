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

  function noteMoment() {
    var field = document.querySelector("[data-proof-ms]"), text = document.querySelector("[data-proof-text]");
    if (field) field.value = Math.round(player.currentTime * 1000);
    if (text) text.textContent = player.currentTime.toFixed(1) + " s";
  }
  if (player) player.addEventListener("pause", noteMoment);

  /* The file's own frame times: phones change their rate, so frames can't be counted by the clock. */
  var times = null;
  function step(by) {
    if (times === null) {
      fetch(player.dataset.frameTimes, { credentials: "same-origin" })
        .then(function (answer) { return answer.json(); })
        .then(function (read) { times = read; if (read.length) step(by); });
      return;
    }
    var now = player.currentTime * 1000, here = 0, ends;
    while (here + 1 < times.length && times[here + 1] <= now + 0.5) here += 1;
    here = Math.min(times.length - 1, Math.max(0, here + by));
    ends = here + 1 < times.length ? times[here + 1] : player.duration * 1000;
    player.pause();
    player.currentTime = (times[here] + ends) / 2000; /* the middle of a frame is surely that frame */
    player.dataset.frame = here;
    noteMoment();
  }

  /* A loupe on the picture or the frame: it follows the pointer, three times as large. */
  var loupe = null, looked = document.querySelector("[data-look]"), LARGER = 3;
  function drawLoupe(x, y) {
    var shown = looked.getBoundingClientRect(), size = loupe.width;
    var wide = looked.videoWidth || looked.naturalWidth, high = looked.videoHeight || looked.naturalHeight;
    var scale = Math.min(shown.width / wide, shown.height / high);
    var left = shown.left + (shown.width - wide * scale) / 2, top = shown.top + (shown.height - high * scale) / 2;
    var part = size / (scale * LARGER), pen = loupe.getContext("2d");
    pen.fillRect(0, 0, size, size);
    pen.drawImage(looked, (x - left) / scale - part / 2, (y - top) / scale - part / 2, part, part, 0, 0, size, size);
    loupe.style.left = x - loupe.offsetWidth / 2 + "px";
    loupe.style.top = y - loupe.offsetHeight / 2 + "px";
  }
  function follow(event) { drawLoupe(event.clientX, event.clientY); }
  function toggleLoupe() {
    if (loupe) {
      loupe.remove();
      loupe = null;
      document.removeEventListener("pointermove", follow);
      return;
    }
    var shown = looked.getBoundingClientRect();
    loupe = document.createElement("canvas");
    loupe.className = "loupe";
    loupe.width = loupe.height = 480;
    document.body.appendChild(loupe);
    var x = shown.left + shown.width / 2, y = shown.top + shown.height / 2;
    if (looked === player && !player.currentTime) {
      /* Its poster is shown and no frame was drawn yet: one comes with the first seek. */
      player.addEventListener("seeked", function () { if (loupe) drawLoupe(x, y); }, { once: true });
      player.currentTime = 0.001;
    }
    drawLoupe(x, y);
    document.addEventListener("pointermove", follow);
  }

  function press(what) {
    what.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
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
    } else if (key === " " && /^(A|BUTTON|SUMMARY|INPUT)$/i.test(on.tagName)) {
      return; /* space presses what has the focus */
    } else if (key === " " && player) {
      found = player;
      if (player.paused) player.play(); else player.pause();
    } else if ((key === "arrowleft" || key === "arrowright") && player && on.tagName !== "INPUT") {
      found = player;
      step(key === "arrowleft" ? -1 : 1);
    } else if (key === "z" && looked) {
      found = looked;
      toggleLoupe();
    } else if (/^[1-9]$/.test(key)) {
      crops = all("[data-mark]");
      if (!crops.length) crops = all(".check .crop");
      found = crops[key - 1];
      if (found) press(found);
    } else {
      found = all("[data-key]").filter(function (one) {
        return one.dataset.key === key || one.dataset.key.split(" ").indexOf(key) >= 0;
      })[0];
      if (found) found.click();
      if (found && found.tagName === "SUMMARY" && found.parentNode.open) {
        crops = found.parentNode.querySelector("textarea");
        if (crops) crops.focus();
      }
    }
    if (found) event.preventDefault();
  });
})();
