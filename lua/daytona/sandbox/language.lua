--- The label of a sandbox that says in which language its code is.
return "code-toolbox-language"
