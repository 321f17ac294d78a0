// placeholder for a gateway on a scratch folder: filled in with the tests.
