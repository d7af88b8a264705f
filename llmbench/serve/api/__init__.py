"""The API below ``/api``, described by OpenAPI; one module a thing that is asked for."""
