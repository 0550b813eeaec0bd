// The frame: words, messages, menus, questions, the drawer, keys. Everything here only makes plain links and
// forms quicker; without it they still work.
(function () {
  'use strict';
  var words = document.getElementById('words').dataset;
  var toasts = document.getElementById('toasts');

  function put(text, values) {
    return text.replace(/\{(\w+)\}/g, function (all, name) { return values[name]; });
  }

  function store(key, value) {
    try {
      if (value === null) localStorage.removeItem(key); else localStorage.setItem(key, value);
    } catch (error) { /* full or switched off: the page works without it */ }
  }

  function kept(key) {
    try { return localStorage.getItem(key); } catch (error) { return null; }
  }

  // ---- messages -------------------------------------------------------------------------------------------
  function toast(text, kind) {
    // A block that asks again and again must not pile up the same complaint.
    var same = Array.from(toasts.querySelectorAll('.toast-line')).some(function (old) { return old.firstChild.data === text; });
    if (same) return;
    var line = document.createElement('div');
    line.className = 'toast-line' + (kind === 'bad' ? ' toast-bad' : '');
    line.append(text);
    var close = document.createElement('button');
    close.type = 'button';
    close.textContent = '×';
    close.setAttribute('aria-label', words.close);
    close.addEventListener('click', function () { line.remove(); });
    line.append(close);
    toasts.append(line);
    if (kind !== 'bad') setTimeout(function () { line.remove(); }, 6000);
  }

  function keepTenSeconds(bar) {
    toasts.append(bar);
    var left = 10000, since = Date.now(), timer = setTimeout(gone, left);
    function gone() { bar.remove(); }
    function hold() { clearTimeout(timer); left = Math.max(3000, left - (Date.now() - since)); }
    function go() { since = Date.now(); timer = setTimeout(gone, left); }
    bar.addEventListener('mouseenter', hold);
    bar.addEventListener('focusin', hold);
    bar.addEventListener('mouseleave', go);
    bar.addEventListener('focusout', go);
  }

  function undo(text, url) {
    document.querySelectorAll('#toasts .undo-bar').forEach(function (old) { old.remove(); });
    var bar = document.createElement('div'), form = document.createElement('form'), token = document.createElement('input');
    bar.className = 'undo-bar';
    bar.append(Object.assign(document.createElement('span'), { textContent: text }));
    form.method = 'post';
    form.action = url;
    token.type = 'hidden';
    token.name = 'csrf_token';
    token.value = document.querySelector('meta[name=csrf-token]').content;
    var button = Object.assign(document.createElement('button'), { className: 'btn btn-sm btn-undo', textContent: words.undo });
    button.dataset.key = 'u';
    form.append(token, button);
    bar.append(form, Object.assign(document.createElement('span'), { className: 'undo-time' }));
    keepTenSeconds(bar);
  }

  document.body.addEventListener('toast', function (event) { toast(event.detail.text, event.detail.kind); });
  document.body.addEventListener('undo', function (event) { undo(event.detail.text, event.detail.url); });

  // ---- htmx: the token with every request, and words for every failure ------------------------------------------
  document.body.addEventListener('htmx:configRequest', function (event) {
    var token = document.querySelector('meta[name=csrf-token]'); // visitors have none: their forms carry their own
    if (token) event.detail.headers['X-CSRFToken'] = token.content;
  });
  // A session that has ended answers with the sign-in page: go there rather than show it inside a corner of this one.
  document.body.addEventListener('htmx:beforeSwap', function (event) {
    var detail = event.detail, paths = detail.pathInfo;
    if (!/^\s*<!doctype html/i.test(detail.xhr.responseText) || paths.responsePath === paths.finalRequestPath) return;
    if (detail.elt.closest('[hx-select]')) return;
    detail.shouldSwap = false;
    location.assign(detail.xhr.responseURL);
  });
  document.body.addEventListener('htmx:sendError', function () { toast(words.offline, 'bad'); });
  document.body.addEventListener('htmx:timeout', function () { toast(words.offline, 'bad'); });
  document.body.addEventListener('htmx:responseError', function (event) { failed(event.detail.xhr.status, event.detail.xhr.responseText); });

  function failed(status, text) {
    var said = '';
    try { said = JSON.parse(text).message; } catch (error) { /* a page, not a sentence */ }
    if (said) toast(said, 'bad');
    else if (status === 401 || status === 403) toast(words.denied, 'bad');
    else toast(put(words.failed, { code: status }), 'bad');
  }

  // ---- light and dark, menus ---------------------------------------------------------------------------------
  document.addEventListener('click', function (event) {
    var at = event.target;
    if (at.closest('[data-theme-switch]')) {
      var dark = document.documentElement.getAttribute('data-bs-theme') !== 'dark';
      document.documentElement.setAttribute('data-bs-theme', dark ? 'dark' : 'light');
      store('theme', dark ? 'dark' : 'light');
      document.dispatchEvent(new Event('themechange'));
    }
    var toggle = at.closest('[data-nav-toggle]');
    if (toggle) {
      var open = document.getElementById('nav').classList.toggle('is-open');
      toggle.setAttribute('aria-expanded', String(open));
    }
    document.querySelectorAll('details.menu[open]').forEach(function (menu) {
      if (!menu.contains(at)) menu.open = false;
    });
  });

  // ---- questions: a <details> with a <dialog> inside becomes a real dialog -------------------------------------
  document.addEventListener('click', function (event) {
    var summary = event.target.closest('[data-ask] > summary');
    if (summary) {
      event.preventDefault();
      ask(summary.parentElement);
    }
    var close = event.target.closest('[data-ask-close]');
    if (close) close.closest('dialog').close();
    if (event.target.matches('dialog[open]') && outside(event)) event.target.close();
  });

  function ask(details) {
    var dialog = details.querySelector('dialog');
    details.open = true;
    dialog.addEventListener('close', function () { details.open = false; }, { once: true });
    dialog.showModal();
  }

  function outside(event) {
    var box = event.target.getBoundingClientRect();
    return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
  }

  // ---- the drawer: a detail page beside the list, with its own address -----------------------------------------
  var drawer = document.getElementById('drawer'), body = document.getElementById('drawer-body');
  var opener = null, listAddress = null;

  document.addEventListener('click', function (event) {
    var link = event.target.closest('a[data-drawer]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button) return;
    if (drawer.contains(link) || innerWidth < 640) return;
    event.preventDefault();
    openDrawer(link.href, link, true);
  });

  function openDrawer(url, from, push) {
    opener = from || opener;
    if (drawer.hidden) listAddress = location.href;
    drawer.hidden = false;
    body.textContent = words.loading;
    document.getElementById('drawer-open').href = url;
    fetch(url, { headers: { 'X-Drawer': '1' }, credentials: 'same-origin' }).then(function (answer) {
      if (answer.redirected && new URL(answer.url).pathname !== new URL(url, location.href).pathname) { location.href = answer.url; return null; }
      if (!answer.ok) { answer.text().then(function (text) { failed(answer.status, text); }); closeDrawer(false); return null; }
      return answer.text();
    }).then(function (text) {
      if (text !== null) fillDrawer(text, url, push);
    }).catch(function () { toast(words.offline, 'bad'); closeDrawer(false); });
  }

  function fillDrawer(text, url, push) {
    var page = new DOMParser().parseFromString(text, 'text/html');
    var part = page.querySelector('[data-detail]') || page.getElementById('main') || page.body;
    renameTwins(part);
    body.replaceChildren.apply(body, Array.from(part.childNodes).map(function (node) { return document.importNode(node, true); }));
    if (push) history[history.state && history.state.drawer ? 'replaceState' : 'pushState']({ drawer: url, list: listAddress }, '', url);
    if (window.htmx) htmx.process(body);
    document.dispatchEvent(new CustomEvent('arrived', { detail: body }));
    body.scrollTop = 0;
    drawer.focus();
  }

  // The list may show the same things: an id stands once on a page, and labels must find their own field.
  function renameTwins(part) {
    part.querySelectorAll('[id]').forEach(function (twin) {
      var old = twin.id;
      if (!document.getElementById(old) || body.contains(document.getElementById(old))) return;
      twin.id = 'drawer-' + old;
      ['for', 'form', 'list', 'aria-labelledby', 'aria-describedby', 'data-counter'].forEach(function (name) {
        part.querySelectorAll('[' + name + '~="' + CSS.escape(old) + '"]').forEach(function (one) {
          one.setAttribute(name, one.getAttribute(name).split(' ').map(function (id) { return id === old ? twin.id : id; }).join(' '));
        });
      });
      ['href', 'hx-target'].forEach(function (name) {
        part.querySelectorAll('[' + name + '="#' + CSS.escape(old) + '"]').forEach(function (one) { one.setAttribute(name, '#' + twin.id); });
      });
    });
  }

  function closeDrawer(back) {
    if (drawer.hidden) return;
    drawer.hidden = true;
    body.replaceChildren();
    if (back && history.state && history.state.drawer) history.back();
    var row = opener && opener.closest('[data-row]');
    if (row) row.focus({ preventScroll: true }); else if (opener) opener.focus();
  }

  // What is done in the drawer leads back to the list: views may honour `next`.
  drawer.addEventListener('submit', function (event) {
    if (event.target.method !== 'post' || event.target.elements.next || !listAddress) return;
    var next = Object.assign(document.createElement('input'), { type: 'hidden', name: 'next', value: listPath() + new URL(listAddress).search });
    event.target.append(next);
  });

  function listPath() { return drawer.hidden || !listAddress ? location.pathname : new URL(listAddress).pathname; }

  document.getElementById('drawer-close').addEventListener('click', function () { closeDrawer(true); });
  addEventListener('popstate', function (event) {
    if (event.state && event.state.drawer) openDrawer(event.state.drawer, null, false); else closeDrawer(false);
  });

  // ---- keys ------------------------------------------------------------------------------------------------
  var keys = document.getElementById('keys'), keysOff = document.getElementById('keys-off');
  keysOff.checked = kept('keys') === 'off';
  keysOff.addEventListener('change', function () { store('keys', keysOff.checked ? 'off' : null); });
  document.addEventListener('click', function (event) { if (event.target.closest('[data-show-keys]')) keys.showModal(); });

  document.addEventListener('keydown', function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === 'Escape' && !document.querySelector('dialog[open]')) { closeDrawer(true); return; }
    if (document.querySelector('dialog[open]') || keysOff.checked && event.key !== '?') return;
    if (event.target.closest('input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]')) return;
    if (event.key === '?') { event.preventDefault(); keys.showModal(); return; }
    if (event.key === '/') {
      var search = document.querySelector('[data-search]');
      if (search) { event.preventDefault(); search.focus(); search.select(); }
      return;
    }
    var act = { u: '#toasts [data-key=u]' }[event.key];
    if (act && document.querySelector(act)) { event.preventDefault(); document.querySelector(act).click(); return; }
    document.dispatchEvent(new CustomEvent('plainkey', { detail: { key: event.key, event: event } }));
  });

  // ---- on arrival --------------------------------------------------------------------------------------------
  document.querySelectorAll('main > .undo-bar').forEach(keepTenSeconds);
  // A page whose form was refused is shown at the form's address: call it by its own, so that links and reloading work.
  var own = document.querySelector('[data-page]');
  if (own) history.replaceState(null, '', own.dataset.page);
  var first = document.querySelector('[data-focus-first]');
  if (first) first.focus();
  document.querySelectorAll('details[data-ask][open]').forEach(ask);
  document.body.addEventListener('htmx:afterSwap', function (event) {
    document.dispatchEvent(new CustomEvent('arrived', { detail: event.detail.target }));
  });

  window.frame = { toast: toast, undo: undo, words: words, put: put, store: store, kept: kept, drawer: drawer, openDrawer: openDrawer, listPath: listPath, failed: failed };
})();
