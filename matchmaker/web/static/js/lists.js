// Lists: the current row, picking rows, the bulk bar, columns shown.
(function () {
  'use strict';
  function rows() { return Array.from(document.querySelectorAll('main [data-row]')).filter(function (row) { return row.offsetParent !== null; }); }
  function current() { return document.querySelector('main [data-row].is-current'); }

  function go(step) {
    var all = rows(), at = all.indexOf(current());
    if (!all.length) return;
    var next = all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + step))];
    mark(next);
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: 'nearest' });
    if (!frame.drawer.hidden) open(next);
  }

  function mark(row) {
    document.querySelectorAll('.is-current[data-row]').forEach(function (old) {
      old.classList.remove('is-current');
      old.removeAttribute('aria-current');
    });
    row.classList.add('is-current');
    row.setAttribute('aria-current', 'true');
    row.tabIndex = -1;
  }

  function open(row) {
    var link = row.querySelector('a.row-title, a[data-drawer]'), url = row.dataset.open || link && link.href;
    if (!url) return;
    if (link && link.hasAttribute('data-drawer') && innerWidth >= 640) frame.openDrawer(url, link, true); else location.href = url;
  }

  function press(key) {
    var places = [frame.drawer.hidden ? null : frame.drawer, current(), document.getElementById('main')];
    for (var place of places) {
      var button = place && place.querySelector('[data-key="' + key + '"]');
      if (button) { button.click(); return true; }
    }
    return false;
  }

  document.addEventListener('plainkey', function (event) {
    var key = event.detail.key, row = current(), stop = function () { event.detail.event.preventDefault(); };
    if (key === 'j' || key === 'k') { stop(); go(key === 'j' ? 1 : -1); }
    else if (key === 'Enter' && row && event.detail.event.target.closest('[data-row]') === row && !event.detail.event.target.closest('a, button, summary')) { stop(); open(row); }
    else if (key === 'x' && row && row.querySelector('[data-pick]')) { stop(); row.querySelector('[data-pick]').click(); }
    else if (key.length === 1 && /[a-z]/.test(key) && press(key)) stop();
  });

  document.addEventListener('click', function (event) {
    var row = event.target.closest('main [data-row]');
    if (row) mark(row);
  });

  // After an act on a row the page comes back; the reader goes on where they were, not at the top.
  function remember(place) {
    try { sessionStorage.setItem('row', JSON.stringify({ path: place.path, at: place.at, when: Date.now() })); } catch (error) { /* then at the top */ }
  }

  function goOn() {
    var place = null;
    try { place = JSON.parse(sessionStorage.getItem('row')); sessionStorage.removeItem('row'); } catch (error) { return; }
    var all = rows();
    if (!place || place.path !== location.pathname || Date.now() - place.when > 20000 || !all.length) return;
    var row = all[Math.min(place.at, all.length - 1)];
    mark(row);
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: 'center' });
  }

  document.addEventListener('submit', function (event) {
    var row = event.target.closest('main [data-row]') || frame.drawer.contains(event.target) && current();
    if (row) remember({ path: frame.listPath(), at: rows().indexOf(row) });
  });

  // ---- picking -----------------------------------------------------------------------------------------------
  var last = null;

  function picked(table) {
    var boxes = Array.from(table.querySelectorAll('[data-pick]')), on = boxes.filter(function (box) { return box.checked; });
    boxes.forEach(function (box) { box.closest('tr').classList.toggle('is-picked', box.checked); });
    var all = table.querySelector('[data-pick-all]');
    if (all) { all.checked = on.length > 0 && on.length === boxes.length; all.indeterminate = on.length > 0 && on.length < boxes.length; }
    var bar = document.querySelector('[data-bulk="' + table.id + '"]');
    if (!bar) return;
    bar.classList.toggle('is-on', on.length > 0);
    var words = bar.querySelector('[data-bulk-count]');
    words.textContent = frame.put(words.dataset.words, { n: on.length });
  }

  document.addEventListener('click', function (event) {
    var box = event.target;
    if (box.matches('[data-pick-all]')) {
      box.closest('table').querySelectorAll('[data-pick]').forEach(function (one) { one.checked = box.checked; });
      picked(box.closest('table'));
    } else if (box.matches('[data-pick]')) {
      var table = box.closest('table'), boxes = Array.from(table.querySelectorAll('[data-pick]'));
      if (event.shiftKey && last && boxes.indexOf(last) >= 0) {
        var ends = [boxes.indexOf(last), boxes.indexOf(box)].sort(function (a, b) { return a - b; });
        boxes.slice(ends[0], ends[1] + 1).forEach(function (one) { one.checked = box.checked; });
      }
      last = box;
      picked(table);
    } else if (box.closest('[data-bulk-clear]')) {
      var list = document.getElementById(box.closest('[data-bulk]').dataset.bulk);
      list.querySelectorAll('[data-pick]').forEach(function (one) { one.checked = false; });
      picked(list);
    }
  });

  // ---- columns -----------------------------------------------------------------------------------------------
  function columns(menu) {
    var key = 'columns:' + location.pathname, off = JSON.parse(frame.kept(key) || '[]');
    function show() {
      document.querySelectorAll('[data-col]').forEach(function (cell) { cell.classList.toggle('is-hidden-col', off.indexOf(cell.dataset.col) >= 0); });
      menu.querySelectorAll('input').forEach(function (box) { box.checked = off.indexOf(box.value) < 0; });
    }
    menu.addEventListener('change', function () {
      off = Array.from(menu.querySelectorAll('input')).filter(function (box) { return !box.checked; }).map(function (box) { return box.value; });
      frame.store(key, JSON.stringify(off));
      show();
    });
    show();
  }

  document.querySelectorAll('[data-columns]').forEach(columns);
  function arrive(part) { part.querySelectorAll('[data-list]').forEach(picked); }
  arrive(document);
  goOn();
  document.addEventListener('arrived', function (event) { arrive(event.detail); });
})();
