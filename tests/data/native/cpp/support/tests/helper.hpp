int three();
