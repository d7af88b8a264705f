module.exports = 'window.PRICES = { s: 20, l: 30 };';
