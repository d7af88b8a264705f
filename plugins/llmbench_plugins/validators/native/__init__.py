"""Tests in a task's own language: how they run, and what can be believed of them."""
