from infra import program

program.run()
