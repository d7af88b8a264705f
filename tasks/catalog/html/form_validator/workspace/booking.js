"use strict";

const form = document.getElementById("booking");
