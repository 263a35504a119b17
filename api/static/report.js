/* The passenger pages work without this. With it: uploads start at once and show progress, the coach refreshes
   itself, values found in a file are filled in with one tap, number and code can be copied. Old WebKit runs it. */
(function () {
  "use strict";
  var id = function (name) { return document.getElementById(name); };
  var upload = id("upload"), state = id("upload-state"), files = id("files"), coach = id("coach"), claim = id("claim");
  var seen = coach || id("suggestions");
  var busy = 0, timer = 0, asked = 0;
  var saving = false, changed = false, leaving = false;

  function ask(method, url, body, then, whatever) {
    var request = new XMLHttpRequest();
    request.open(method, url);
    request.setRequestHeader("X-Requested-With", "script");
    request.onload = function () { if (request.status < 300) { then(request.responseText); } };
    request.onloadend = whatever || null;
    request.send(body || null);
  }

  function show(html) {
    seen.innerHTML = html;
    var saved = seen.querySelector("[data-shown]"), mark = id("shown");
    if (saved && mark) { mark.value = saved.getAttribute("data-shown"); }  // what this form saved is what it shows
    var reading = seen.querySelector("[data-reading='yes']");
    clearTimeout(timer);
    if (reading) { timer = setTimeout(look, 2500); }
    if (files && !busy) { ask("GET", files.getAttribute("data-url"), null, function (list) { files.innerHTML = list; }); }
  }
  function refresh(method, body, whatever) {
    var turn = asked += 1;  // an answer that was overtaken by a later one is old
    ask(method, seen.getAttribute("data-url"), body, function (html) { if (turn === asked) { show(html); } }, whatever);
  }
  function look() { if (seen) { refresh("GET", null); } }
  // One form, one saving at a time: what it saved last is what the next one says it was filled from.
  function judge() {
    if (!seen || !claim) { return; }
    if (saving) { changed = true; return; }
    saving = true;
    refresh("POST", new FormData(claim), function () {
      saving = false;
      if (leaving) { claim.submit(); } else if (changed) { changed = false; judge(); }
    });
  }

  function line(text) {
    var row = document.createElement("p");
    row.appendChild(document.createTextNode(text));
    state.appendChild(row);
    return row;
  }
  function megabytes(bytes) { return (bytes / 1048576).toFixed(1); }

  function send(file, done) {
    var row = line(""), name = document.createTextNode(""), bar = document.createElement("progress");
    var request = new XMLHttpRequest(), form = new FormData(), began = Date.now();
    row.appendChild(name); row.appendChild(bar);
    bar.setAttribute("aria-label", file.name);
    form.append("csrf", upload.elements.csrf.value);
    form.append("file", file);
    function failed(text) { row.className = "error-text"; name.data = file.name + " – " + text; row.removeChild(bar); done(false); }
    var most = upload.getAttribute(/^video/.test(file.type) ? "data-video-max" : "data-photo-max");
    if (file.size > Number(/^(image|video)/.test(file.type) ? most : upload.getAttribute("data-video-max"))) {
      failed(upload.getAttribute("data-too-large")); return;
    }
    request.open("POST", upload.getAttribute("action"));
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRF-Token", upload.elements.csrf.value);
    request.upload.onprogress = function (event) {
      if (!event.lengthComputable) { return; }
      var seconds = (Date.now() - began) / 1000, left = seconds * (event.total - event.loaded) / (event.loaded || 1);
      bar.max = event.total; bar.value = event.loaded;
      name.data = upload.getAttribute("data-sending") + " " + file.name + " " + megabytes(event.loaded) + " / " +
        megabytes(event.total) + " MB" + (seconds > 2 ? " · " + Math.ceil(left) + " s" : "");
    };
    request.onerror = function () { failed(upload.getAttribute("data-broken")); };
    request.onload = function () {
      if (request.status === 201) { state.removeChild(row); done(true); return; }
      var text = upload.getAttribute("data-broken");
      try { text = JSON.parse(request.responseText).message || text; } catch (problem) { /* a page, not JSON */ }
      failed(text);
    };
    request.send(form);
  }

  function forgive(field) {  // what was missing has come: nobody is told any longer that it is missing
    var link = document.querySelector(".error-summary a[href='#" + field + "']"), summary = link && link.closest(".error-summary");
    var wrong = id(field) && id(field).closest(".field-wrong"), text = id(field + "-error");
    if (link) { link.closest("li").remove(); }
    if (summary && !summary.querySelector("li")) { summary.remove(); }
    if (wrong) { wrong.classList.remove("field-wrong"); }
    if (text) { text.remove(); }
  }

  if (upload && window.FormData) {
    var lost = 0;
    id("upload-button").hidden = true;
    if (id("coach-refresh")) { id("coach-refresh").hidden = true; }
    upload.addEventListener("change", function (event) {
      var chosen = Array.prototype.slice.call(event.target.files || []);
      event.target.value = "";
      busy += chosen.length;
      lost = 0;
      (function next() {
        var file = chosen.shift();
        if (!file) { return; }
        send(file, function (stored) {
          busy -= 1;
          lost += stored ? 0 : 1;
          if (stored) { forgive("file"); }
          if (!busy && coach) { look(); }
          if (!busy && !coach && !lost) { window.location.assign(upload.getAttribute("data-page")); }
          next();
        });
      })();
    });
  }

  if (claim) {
    claim.addEventListener("change", judge);
    claim.addEventListener("submit", function (event) { if (saving) { event.preventDefault(); leaving = true; } });
  }
  document.addEventListener("click", function (event) {
    var chip = event.target.closest ? event.target.closest(".chip[data-field]") : null;
    if (!chip || !claim) { return; }
    event.preventDefault();
    var field = chip.getAttribute("data-field"), value = chip.getAttribute("data-value");
    if (field === "time") { id("day").value = value.slice(0, 10); id("clock").value = value.slice(11); } else { id(field).value = value; }
    judge();
  });
  if (seen && seen.querySelector("[data-reading='yes']")) { timer = setTimeout(look, 2000); }

  var copy = id("copy");
  if (copy && navigator.clipboard) {
    copy.hidden = false;
    copy.addEventListener("click", function () {
      var number = document.querySelector(".slip .number");
      navigator.clipboard.writeText(number.textContent + " " + id("code").textContent).then(function () {
        copy.textContent = copy.getAttribute("data-copied");
      });
    });
  }
  var problem = document.querySelector("[data-focus]");
  if (problem) { problem.focus(); }
})();
