"use strict";

const { title, unit, columns, rows, values } = window.HEATMAP;
