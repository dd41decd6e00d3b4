std = "max"
max_line_length = 120
max_comment_line_length = false -- types of the language server stand on one line
exclude_files = { "build", "doc/meta.lua" }
files["spec"].std = "max+busted"
files["examples/nvim_run.lua"].globals = { "vim" }
files["bench/nvim_ticks.lua"].globals = { "vim" }
files["examples/nginx"].std = "max+ngx_lua"
