// Dragging a thing to another place of a grid or board. The server always decides: the grid is asked for again, or
// (data-drag-opens) the thing's address opens with the place, a page that shows what the move would mean.
(function () {
  'use strict';
  var dragged = null;

  function place(event) { return event.target.closest && event.target.closest('[data-drag-grid] [data-drop]'); }

  document.addEventListener('dragstart', function (event) {
    dragged = event.target.closest && event.target.closest('[data-drag-grid] [data-drag]');
    if (!dragged) return;
    event.dataTransfer.effectAllowed = 'move';
    event.dataTransfer.setData('text/plain', dragged.dataset.drag);
    dragged.classList.add('is-dragged');
  });
  document.addEventListener('dragend', function () {
    if (dragged) dragged.classList.remove('is-dragged');
    dragged = null;
  });
  ['dragover', 'dragleave'].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      var cell = dragged && place(event);
      if (!cell) return;
      event.preventDefault();
      cell.classList.toggle('is-over', kind === 'dragover');
    });
  });
  document.addEventListener('drop', function (event) {
    var cell = dragged && place(event);
    if (!cell) return;
    event.preventDefault();
    cell.classList.remove('is-over');
    var grid = cell.closest('[data-drag-grid]');
    if (cell.contains(dragged)) return;
    if ('dragOpens' in grid.dataset) location.assign(dragged.dataset.drag + '?' + grid.dataset.dragOpens + '=' + encodeURIComponent(cell.dataset.drop));
    else if (window.htmx) htmx.ajax('POST', grid.dataset.dragGrid, { target: grid, swap: 'outerHTML', values: { item: dragged.dataset.drag, place: cell.dataset.drop } });
  });
})();
