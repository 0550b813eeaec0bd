// Runs before the first paint: says that scripts work, and takes the reader's choice of light or dark.
(function () {
  var root = document.documentElement;
  root.classList.add('js');
  var kept = null;
  try { kept = localStorage.getItem('theme'); } catch (error) { /* storage switched off: follow the system */ }
  var dark = kept ? kept === 'dark' : window.matchMedia && matchMedia('(prefers-color-scheme: dark)').matches;
  root.setAttribute('data-bs-theme', dark ? 'dark' : 'light');
})();
