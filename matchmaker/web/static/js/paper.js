// The print button of a paper.
(function () {
  'use strict';
  var button = document.getElementById('print-now');
  button.hidden = false;
  button.addEventListener('click', function () { window.print(); });
})();
