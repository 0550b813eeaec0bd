// Forms: counters, amounts, dropped files, drafts kept in this browser until the form has been sent.
(function () {
  'use strict';
  var words = frame.words, put = frame.put;
  var WEEK = 7 * 24 * 3600 * 1000;

  // ---- counters and amounts ------------------------------------------------------------------------------------
  function counted(area) {
    var line = document.getElementById(area.dataset.counter), most = Number(area.getAttribute('maxlength'));
    if (!line) return;
    var left = most - Array.from(area.value).length;
    line.textContent = left < 0 ? put(words.over, { n: -left }) : put(words.left, { n: left });
    line.classList.toggle('counter-over', left < 0);
  }

  function amount(field) {
    var line = field.closest('.field').querySelector('.amount');
    if (!line) {
      line = document.createElement('div');
      line.className = 'amount';
      line.setAttribute('aria-live', 'polite');
      field.closest('.input-group').after(line);
    }
    var text = field.value.replace(/[,，\s]/g, ''), number = Number(text);
    if (!text) line.textContent = '';
    else if (!isFinite(number)) line.textContent = words.badAmount;
    else line.textContent = put(words.yuan, { n: (Math.round(number * 1e6) / 100).toLocaleString('zh-CN') });
  }

  document.addEventListener('input', function (event) {
    if (event.target.matches('[data-counter]')) counted(event.target);
    if (event.target.matches('[data-money]')) amount(event.target);
  });

  // ---- dropped files -----------------------------------------------------------------------------------------
  function size(bytes) {
    return bytes < 1048576 ? Math.max(1, Math.round(bytes / 1024)) + ' KB' : (bytes / 1048576).toFixed(1) + ' MB';
  }

  function listed(input) {
    var place = input.closest('[data-file-drop]').querySelector('.file-list');
    place.textContent = Array.from(input.files).map(function (file) { return file.name + '（' + size(file.size) + '）'; }).join('\n');
  }

  document.addEventListener('change', function (event) {
    if (event.target.matches('[data-file-drop] input[type=file]')) listed(event.target);
  });
  ['dragover', 'dragleave', 'drop'].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      var place = event.target.closest && event.target.closest('[data-file-drop]');
      if (!place || !event.dataTransfer || Array.from(event.dataTransfer.types).indexOf('Files') < 0) return;
      event.preventDefault();
      place.classList.toggle('is-over', kind === 'dragover');
      if (kind === 'drop') {
        var input = place.querySelector('input[type=file]'), files = new DataTransfer();
        Array.from(event.dataTransfer.files).slice(0, input.multiple ? undefined : 1).forEach(function (file) { files.items.add(file); });
        input.files = files.files;
        input.dispatchEvent(new Event('change', { bubbles: true }));
      }
    });
  });

  // ---- long lists --------------------------------------------------------------------------------------------
  // A field above the list takes out what does not fit: hidden entries would still show in some browsers. What
  // is chosen always stays; without scripts the list is whole.
  function findable(list) {
    var all = Array.from(list.options), field = document.createElement('input'), said = document.createElement('div');
    Object.assign(field, { type: 'search', className: 'form-control find-in', placeholder: words.find, autocomplete: 'off' });
    field.setAttribute('aria-label', words.find + '：' + (list.labels[0] ? list.labels[0].firstChild.textContent : ''));
    field.setAttribute('aria-controls', list.id);
    said.className = 'form-hint';
    said.setAttribute('role', 'status');
    list.before(field);
    list.after(said);

    function fitting() {
      var wanted = field.value.toLowerCase().split(/\s+/);
      return all.filter(function (entry) {
        var text = entry.text.toLowerCase();
        return entry.value && wanted.every(function (word) { return text.indexOf(word) >= 0; });
      });
    }
    function choose(entry) {
      list.value = entry.value;
      list.dispatchEvent(new Event('change', { bubbles: true }));
    }
    field.addEventListener('input', function (event) {
      event.stopPropagation();
      var found = fitting(), chosen = list.value, looking = field.value.trim() !== '';
      list.replaceChildren.apply(list, all.filter(function (entry) { return !entry.value || entry.value === chosen || found.indexOf(entry) >= 0; }));
      list.value = chosen;
      said.textContent = looking ? put(words.found, { n: found.length }) : '';
      if (looking && found.length === 1) choose(found[0]);
    });
    field.addEventListener('keydown', function (event) {
      if (event.key === 'ArrowDown') list.focus();
      else if (event.key === 'Enter' && fitting().length) { choose(fitting()[0]); list.focus(); }
      if (event.key === 'ArrowDown' || event.key === 'Enter') event.preventDefault();
    });
  }

  // ---- drafts ------------------------------------------------------------------------------------------------
  // Kept per person and form under draft:<viewer>:<name>. A form that was sent is forgotten on the next page that
  // does not show it again; pages marked data-keep-drafts (sign-in, errors) do not count as such.
  var viewer = document.body.dataset.viewer || 'guest', prefix = 'draft:' + viewer + ':';

  function fields(form) {
    return Array.from(form.elements).filter(function (field) {
      return field.name && field.name !== 'csrf_token' && ['password', 'file', 'hidden', 'submit', 'button'].indexOf(field.type) < 0 && !field.closest('[data-no-draft]');
    });
  }

  function values(form) {
    return fields(form).map(function (field) {
      return field.type === 'checkbox' || field.type === 'radio' ? [field.name, field.value, field.checked] : [field.name, field.value];
    });
  }

  function fill(form, draft) {
    var seen = {};
    draft.values.forEach(function (entry) {
      var same = fields(form).filter(function (field) { return field.name === entry[0]; });
      if (entry.length === 3) {
        same.forEach(function (field) { if (field.value === entry[1]) field.checked = entry[2]; });
      } else {
        var at = seen[entry[0]] = (seen[entry[0]] || 0) + 1;
        if (same[at - 1]) same[at - 1].value = entry[1];
      }
    });
    form.querySelectorAll('[data-counter]').forEach(counted);
    form.querySelectorAll('[data-money]').forEach(amount);
  }

  function clock(moment) {
    var date = new Date(moment), today = new Date().toDateString() === date.toDateString();
    var time = date.toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit', hour12: false });
    return today ? time : (date.getMonth() + 1) + '-' + date.getDate() + ' ' + time;
  }

  function read(name) {
    try { return JSON.parse(frame.kept(prefix + name)); } catch (error) { return null; }
  }

  function say(form, text, acts) {
    var line = form.querySelector('.draft-note') || form.insertBefore(document.createElement('div'), form.firstChild);
    line.className = 'draft-note';
    line.setAttribute('role', 'status');
    line.replaceChildren(text);
    acts.forEach(function (act) {
      var button = Object.assign(document.createElement('button'), { type: 'button', className: 'btn btn-link btn-sm', textContent: act[0] });
      button.addEventListener('click', function () { act[1](); line.remove(); });
      line.append(button);
    });
  }

  function keepDraft(form) {
    if (form.dataset.draftOn) return;
    form.dataset.draftOn = '1';
    var name = form.dataset.draft, version = form.dataset.draftVersion || '', plain = values(form), timer = null;
    var draft = read(name), echoed = form.querySelector('[aria-invalid=true]') !== null;

    function drop() { frame.store(prefix + name, null); }
    function restore() { fill(form, draft); }
    function back() { drop(); fill(form, { values: plain }); }

    if (draft && (echoed || JSON.stringify(draft.values) === JSON.stringify(plain) || Date.now() - draft.at > WEEK)) { drop(); draft = null; }
    if (draft && draft.version !== version) {
      say(form, put(words.draftOther, { at: clock(draft.at) }), [[words.draftUse, restore], [words.draftDrop, drop]]);
    } else if (draft) {
      restore();
      say(form, put(words.draftKept, { at: clock(draft.at) }), [[words.draftDrop, back]]);
    }
    function save() {
      clearTimeout(timer);
      timer = null;
      frame.store(prefix + name, JSON.stringify({ at: Date.now(), version: version, values: values(form), sent: false }));
    }
    form.addEventListener('input', function () { clearTimeout(timer); timer = setTimeout(save, 600); });
    form.addEventListener('change', save);
    addEventListener('pagehide', function () { if (timer) save(); });
    form.addEventListener('submit', function () {
      clearTimeout(timer);
      timer = null;
      frame.store(prefix + name, JSON.stringify({ at: Date.now(), version: version, values: values(form), sent: true }));
    });
  }

  function forgetSent() {
    if (document.body.hasAttribute('data-keep-drafts')) return;
    var here = Array.from(document.querySelectorAll('form[data-draft]')).map(function (form) { return prefix + form.dataset.draft; });
    draftKeys().forEach(function (key) {
      var draft = null;
      try { draft = JSON.parse(frame.kept(key)); } catch (error) { /* not ours to read: drop it */ }
      if (!draft || Date.now() - draft.at > WEEK || draft.sent && here.indexOf(key) < 0) frame.store(key, null);
    });
  }

  function draftKeys() {
    try { return Object.keys(localStorage).filter(function (key) { return key.indexOf(prefix) === 0; }); } catch (error) { return []; }
  }

  document.addEventListener('submit', function (event) {
    if (event.target.matches('[data-clear-drafts]')) draftKeys().forEach(function (key) { frame.store(key, null); });
    // A second click must not send the form twice.
    if (event.target.method === 'post' && !event.defaultPrevented) {
      var button = event.submitter;
      if (button) setTimeout(function () { button.setAttribute('aria-disabled', 'true'); setTimeout(function () { button.removeAttribute('aria-disabled'); }, 4000); });
    }
  });
  document.addEventListener('click', function (event) {
    var button = event.target.closest('button[aria-disabled=true]');
    if (button) event.preventDefault();
  }, true);

  function arrive(part) {
    part.querySelectorAll('select[data-find]').forEach(function (list) {
      list.removeAttribute('data-find');
      findable(list);
    });
    part.querySelectorAll('[data-counter]').forEach(counted);
    part.querySelectorAll('[data-money]').forEach(amount);
    part.querySelectorAll('form[data-draft]').forEach(keepDraft);
  }

  forgetSent();
  // A page that is being left may still be writing when this one starts.
  setTimeout(forgetSent, 1500);
  arrive(document);
  document.addEventListener('arrived', function (event) { arrive(event.detail); });
})();
