"""The app that ``python app.py`` serves: the chat on the index in index/, or on the sample report."""

from reportqa.cli import main

if __name__ == "__main__":
    main(["serve"])
