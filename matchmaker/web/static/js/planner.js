// A planned event dragged to another day leads to the page that shows what the move would mean. Nothing is saved here.
(function () {
  'use strict';
  var dragged = null;

  function dayOf(event) { return event.target.closest && event.target.closest('[data-day]'); }

  document.addEventListener('dragstart', function (event) {
    dragged = event.target.closest && event.target.closest('[data-move]');
    if (!dragged) return;
    event.dataTransfer.effectAllowed = 'move';
    event.dataTransfer.setData('text/plain', dragged.dataset.move);
    dragged.classList.add('is-dragged');
  });
  document.addEventListener('dragend', function () {
    if (dragged) dragged.classList.remove('is-dragged');
    dragged = null;
  });
  ['dragover', 'dragleave'].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      var day = dragged && dayOf(event);
      if (!day) return;
      event.preventDefault();
      day.classList.toggle('is-over', kind === 'dragover');
    });
  });
  document.addEventListener('drop', function (event) {
    var day = dragged && dayOf(event);
    if (!day) return;
    event.preventDefault();
    day.classList.remove('is-over');
    if (!day.contains(dragged)) location.assign(dragged.dataset.move + '?day=' + encodeURIComponent(day.dataset.day));
  });
})();
