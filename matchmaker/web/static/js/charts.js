// Charts are drawn from their own tables. The library is fetched only on pages that have one.
(function () {
  'use strict';
  var drawn = [], loading = null;

  function colour(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }

  function library() {
    loading = loading || new Promise(function (done, fail) {
      var script = document.createElement('script');
      script.src = document.querySelector('meta[name=charts-src]').content;
      script.onload = done;
      script.onerror = fail;
      document.head.append(script);
    });
    return loading;
  }

  function number(cell) { return cell.dataset.value === '' ? null : Number(cell.dataset.value); }

  function series(kind, head, rows, unit) {
    return head.slice(1).map(function (title, at) {
      var mark = title.dataset.mark, target = mark === 'target', tone = colour(target ? '--muted' : '--part-' + (at + 1));
      var line = kind === 'line' && mark !== 'bar' || mark === 'line' || target;
      return {
        name: title.textContent, type: line ? 'line' : 'bar', stack: kind === 'stack' && !line ? 'all' : undefined,
        data: rows.map(function (row) { return number(row.cells[at + 1]); }),
        symbol: 'circle', symbolSize: rows.length > 20 ? 0 : 6, barMaxWidth: 32, itemStyle: { color: tone },
        lineStyle: { color: tone, width: target ? 1.5 : 2.5, type: mark === 'dashed' || target ? 'dashed' : 'solid' },
        areaStyle: mark === 'area' ? { color: tone, opacity: 0.12 } : undefined, connectNulls: false,
        tooltip: { valueFormatter: function (value) { return value === null || value === undefined ? '—' : value + (unit ? ' ' + unit : ''); } }
      };
    });
  }

  function option(figure, narrow) {
    var table = figure.querySelector('.chart-twin table'), head = Array.from(table.tHead.rows[0].cells), rows = Array.from(table.tBodies[0].rows);
    var kind = figure.dataset.chart, unit = figure.dataset.unit, lying = kind === 'lying', text = colour('--text'), muted = colour('--muted'), line = colour('--line');
    var font = getComputedStyle(document.body).fontFamily, labels = rows.map(function (row) { return row.cells[0].textContent; });
    var names = { type: 'category', data: labels, boundaryGap: kind !== 'line', inverse: lying, axisTick: { show: false }, axisLine: { lineStyle: { color: line } }, axisLabel: { color: muted, fontSize: 12, hideOverlap: true } };
    var values = { type: 'value', minInterval: 1, axisLabel: { color: muted, fontSize: 12 }, splitLine: { lineStyle: { color: line } } };
    if (kind === 'pie') {
      return { animation: false, textStyle: { fontFamily: font }, tooltip: { renderMode: 'richText' }, 
        legend: { bottom: 0, textStyle: { color: text }, formatter: function (name) { return name + ' ' + rows[labels.indexOf(name)].cells[1].textContent; } },
        series: [{ type: 'pie', radius: ['40%', '64%'], center: ['50%', '40%'], itemStyle: { borderColor: colour('--surface'), borderWidth: 2 }, label: { show: !narrow, color: text, formatter: '{b}' },
          data: rows.map(function (row, at) { return { name: row.cells[0].textContent, value: number(row.cells[1]), itemStyle: { color: colour('--part-' + (at % 7 + 1)) } }; }) }] };
    }
    var all = series(kind, head, rows, unit);
    if (figure.dataset.markAt && all.length) {
      all[0].markLine = { silent: true, symbol: 'none', lineStyle: { color: colour('--bad'), type: 'solid', width: 1 }, label: { formatter: figure.dataset.markWords, color: colour('--bad'), fontSize: 12 }, data: [{ xAxis: figure.dataset.markAt }] };
    }
    return {
      animation: false, textStyle: { fontFamily: font, color: text },
      grid: { left: 8, right: narrow ? 12 : 24, top: head.length > 2 ? 36 : 16, bottom: 4, containLabel: true },
      legend: head.length > 2 ? { top: 0, left: 0, textStyle: { color: text, fontSize: 13 }, itemWidth: 18 } : undefined,
      // The rich-text tooltip is painted on the canvas: an HTML one would need inline styles.
      tooltip: { trigger: 'axis', renderMode: 'richText', confine: true, backgroundColor: colour('--undo'), borderWidth: 0, textStyle: { color: colour('--on-undo'), fontSize: 13 } },
      xAxis: lying ? values : names, yAxis: lying ? names : values, series: all
    };
  }

  function draw(figure) {
    if (figure.dataset.drawn) return;
    figure.dataset.drawn = '1';
    figure.querySelector('.chart-twin').open = false;
    library().then(function () {
      var place = figure.querySelector('.chart-canvas'), chart = echarts.init(place, null, { renderer: 'canvas' });
      chart.setOption(option(figure, place.clientWidth < 480));
      drawn.push([figure, chart]);
    }).catch(function () {
      figure.querySelector('.chart-canvas').hidden = true;
      figure.querySelector('.chart-twin').open = true;
      frame.toast(frame.words.chartError, 'bad');
    });
  }

  function redraw() {
    drawn = drawn.filter(function (pair) {
      if (!document.contains(pair[0])) { pair[1].dispose(); return false; }
      pair[1].resize();
      pair[1].setOption(option(pair[0], pair[1].getWidth() < 480), true);
      return true;
    });
  }

  function arrive(part) { part.querySelectorAll('[data-chart]').forEach(draw); }
  arrive(document);
  document.addEventListener('arrived', function (event) { arrive(event.detail); });
  document.addEventListener('themechange', redraw);
  var timer = null;
  addEventListener('resize', function () { clearTimeout(timer); timer = setTimeout(redraw, 150); });
  // Paper is white whatever the screen is; and shows the figures too.
  addEventListener('beforeprint', function () { drawn.forEach(function (pair) { pair[1].resize(); }); });
})();
