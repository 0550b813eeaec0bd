// The desk when the network is gone: a tap does not end in the browser's own error page, and nothing is believed sent
// that was not. Every tap first asks whether the server can be reached; without this script the buttons still post.
(function () {
  'use strict';
  var bar = document.getElementById('desk-offline');
  if (!bar) return;
  var lost = bar.querySelector('[data-lost]'), since = bar.querySelector('[data-since]'), WAIT = 4000;

  function gone(what) {
    if (bar.hidden) since.textContent = since.dataset.since.replace('{at}', new Date().toTimeString().slice(0, 5));
    bar.hidden = false;
    if (!what) return;
    lost.hidden = false;
    lost.textContent = lost.dataset.lost.replace('{what}', what);
    bar.scrollIntoView({ block: 'nearest' });
  }

  function back() {
    bar.hidden = true;
    lost.hidden = true;
  }

  // Any answer will do: what the server thinks of itself is not the question here.
  function reach() {
    var stop = new AbortController(), timer = setTimeout(function () { stop.abort(); }, WAIT);
    return fetch(bar.dataset.probe, { cache: 'no-store', credentials: 'omit', signal: stop.signal }).finally(function () { clearTimeout(timer); });
  }

  document.addEventListener('submit', function (event) {
    var form = event.target, button = event.submitter;
    if (!form.closest('.desk') || form.method !== 'post' || form.dataset.reached) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (form.dataset.asking) return;
    form.dataset.asking = '1';
    reach().then(function () {
      form.dataset.reached = '1';
      back();
      form.requestSubmit(button);
    }, function () {
      gone(button ? button.textContent.trim() : '');
    }).finally(function () { delete form.dataset.asking; });
  }, true);

  // A page that the browser brings back has to ask again.
  window.addEventListener('pageshow', function () {
    document.querySelectorAll('form[data-reached]').forEach(function (form) { delete form.dataset.reached; });
  });
  ['htmx:sendError', 'htmx:timeout'].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      event.stopPropagation();
      gone('');
    }, true);
  });
  document.addEventListener('htmx:afterOnLoad', back);
  window.addEventListener('offline', function () { gone(''); });
  window.addEventListener('online', function () { reach().then(back, function () { gone(''); }); });
})();
